-- Records that vanished from a snapshot in greater number than the source's max_missing lets pass: held, until a person
-- has looked.

CREATE TABLE petitiond.missing_record (
    source_id    text NOT NULL REFERENCES petitiond.source,
    record_id    text NOT NULL,
    held_at      timestamptz NOT NULL,
    confirmed_at timestamptz,
    PRIMARY KEY (source_id, record_id)
);
COMMENT ON TABLE petitiond.missing_record IS 'Records missing from the newest snapshot of their source, too many at once to be taken for deleted.';
COMMENT ON COLUMN petitiond.missing_record.held_at IS 'When the first pull without it began.';
COMMENT ON COLUMN petitiond.missing_record.confirmed_at IS 'When a person said that it is really gone; the next pull without it withdraws it.';
