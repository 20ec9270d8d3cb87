-- What a source of kind `files` remembers of the files it has taken, so that none is read twice.

CREATE TABLE petitiond.taken_file (
    source_id    text NOT NULL REFERENCES petitiond.source,
    content_hash bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    taken_at     timestamptz NOT NULL,
    bytes        bigint NOT NULL,
    records      bigint NOT NULL,
    refused      bigint NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('done', 'failed')),
    put_away_at  timestamptz,
    PRIMARY KEY (source_id, content_hash)
);
COMMENT ON TABLE petitiond.taken_file IS 'Dropped files whose records are all with the broker, known by their content; names of files tell of people and are not kept.';
COMMENT ON COLUMN petitiond.taken_file.content_hash IS 'Keyed, so that nobody can try whether a file he thinks of was sent.';
COMMENT ON COLUMN petitiond.taken_file.refused IS 'Records of it that could not be taken, as far as it was read.';
COMMENT ON COLUMN petitiond.taken_file.put_away_at IS 'When it was moved to done/ or failed/; null: that is still to be done.';
