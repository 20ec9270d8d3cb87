-- The internal tables. They may change; what other systems read is schema national_v1.
-- Identities (petitioner_identity) live apart from cases, and nothing of a sealed record stands in a plain column:
-- contents, archive and quarantine are encrypted by the daemon before they come here.

CREATE SCHEMA petitiond;
COMMENT ON SCHEMA petitiond IS 'Internal tables of petitiond; may change. Read national_v1 instead.';

CREATE TABLE petitiond.source (
    source_id            text PRIMARY KEY CHECK (source_id ~ '^[a-z][a-z0-9-]{1,40}$'),
    name                 text NOT NULL,
    tier                 text NOT NULL CHECK (tier IN ('ministry', 'branch', 'local')),
    agency               text NOT NULL,
    kind                 text NOT NULL,
    enabled              boolean NOT NULL,
    paused               boolean NOT NULL DEFAULT false,
    registered_at        timestamptz NOT NULL,
    cursor               jsonb,
    pull_requested_at    timestamptz,
    pull_holder          uuid,
    pull_until           timestamptz,
    last_attempt_at      timestamptz,
    last_success_at      timestamptz,
    last_record_at       timestamptz,
    consecutive_failures integer NOT NULL DEFAULT 0,
    last_error           text,
    config_error         text,
    backlog              bigint,
    records_received     bigint NOT NULL DEFAULT 0,
    records_stored       bigint NOT NULL DEFAULT 0,
    records_unchanged    bigint NOT NULL DEFAULT 0,
    records_stale        bigint NOT NULL DEFAULT 0,
    records_quarantined  bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
COMMENT ON TABLE petitiond.source IS 'One system that supplies records: its registration, its cursor, its health.';
COMMENT ON COLUMN petitiond.source.cursor IS 'How far the last confirmed page came; opaque outside the source kind.';
COMMENT ON COLUMN petitiond.source.pull_holder IS 'The process that pulls at present; only it may move the cursor, until pull_until.';
COMMENT ON COLUMN petitiond.source.config_error IS 'Why the file of this source was not taken up; the running configuration stays as it was.';

CREATE TABLE petitiond.source_hour (
    source_id text NOT NULL REFERENCES petitiond.source,
    hour      timestamptz NOT NULL,
    stored    bigint NOT NULL,
    PRIMARY KEY (source_id, hour)
);
COMMENT ON TABLE petitiond.source_hour IS 'In which hours a source brought something new, and how many records of it.';

-- what has been usual for eight weeks holds, weekends and holidays included; of whom less than eight days are known nobody
-- can say what is usual
CREATE VIEW petitiond.source_silence AS
SELECT source_id, usual, CASE WHEN now() - last > greatest(1.5 * usual, interval '2 hours') THEN last END AS silent_since
FROM (
    SELECT source_id, max(gap) AS usual, max(hour) + interval '1 hour' AS last
    FROM (
        SELECT source_id, hour, hour - lag(hour) OVER (PARTITION BY source_id ORDER BY hour) AS gap
        FROM petitiond.source_hour
        WHERE hour > now() - interval '8 weeks'
    ) hours
    GROUP BY source_id
    HAVING count(*) >= 5 AND max(hour) - min(hour) >= interval '8 days'
) known;
COMMENT ON VIEW petitiond.source_silence IS 'How long each source is usually silent at the most, and since when it has been so for one and a half times as long.';

CREATE TABLE petitiond.broker_state (
    only_row      boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    state         text NOT NULL CHECK (state IN ('connected', 'blocked', 'down')),
    dead_messages bigint,
    seen_at       timestamptz NOT NULL
);
COMMENT ON TABLE petitiond.broker_state IS 'The broker as the daemon last saw it.';
COMMENT ON COLUMN petitiond.broker_state.dead_messages IS 'Messages that killed their handler again and again and wait in the dead queue for a person.';

CREATE TABLE petitiond.key_fingerprint (
    key_name      text PRIMARY KEY,
    fingerprint   bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    registered_at timestamptz NOT NULL
);
COMMENT ON TABLE petitiond.key_fingerprint IS 'Which keys this database was written with, as hashes that give nothing of a key away; a process with other keys is refused.';

CREATE TABLE petitiond.pull (
    pull_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id     text NOT NULL REFERENCES petitiond.source,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz NOT NULL,
    records       bigint NOT NULL,
    bytes         bigint NOT NULL,
    calls         bigint NOT NULL,
    tombstones    bigint NOT NULL DEFAULT 0,
    cursor_before jsonb,
    cursor_after  jsonb,
    error         text
);
CREATE INDEX pull_by_source ON petitiond.pull (source_id, pull_id);
COMMENT ON TABLE petitiond.pull IS 'Every pull with the cursor before and after it; rows are only ever added.';

CREATE TABLE petitiond.reconciliation (
    reconciliation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id         text NOT NULL REFERENCES petitiond.source,
    at                timestamptz NOT NULL,
    source_records    bigint NOT NULL,
    database_records  bigint NOT NULL,
    missing           bigint NOT NULL,
    extra             bigint NOT NULL,
    different         bigint NOT NULL,
    waiting           bigint,
    source_keys       text NOT NULL,
    database_keys     text NOT NULL
);
CREATE INDEX reconciliation_by_source ON petitiond.reconciliation (source_id, at);
COMMENT ON TABLE petitiond.reconciliation IS 'What a source held as a whole against what was stored of it (đối soát); rows are only ever added.';
COMMENT ON COLUMN petitiond.reconciliation.missing IS 'Records that the source has and the database has not.';
COMMENT ON COLUMN petitiond.reconciliation.extra IS 'Records that the database has and the source has not.';
COMMENT ON COLUMN petitiond.reconciliation.source_keys IS 'A digest of the ids at the source; the same as database_keys where the same records are there.';

CREATE TABLE petitiond.archive (
    archive_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id    text NOT NULL,
    received_at  timestamptz NOT NULL,
    record_count integer NOT NULL CHECK (record_count > 0),
    payload      bytea NOT NULL
);
COMMENT ON TABLE petitiond.archive IS 'What was received and changed something, as it was received; compressed and encrypted.';

CREATE TABLE petitiond.source_record (
    source_id        text NOT NULL,
    record_id        text NOT NULL,
    source_record_id uuid NOT NULL,
    kind             text CHECK (kind IN ('petition', 'reception')),
    versioned        boolean NOT NULL,
    version_ordinal  bigint NOT NULL,
    version_tie      text NOT NULL,
    content_hash     bytea NOT NULL,
    agency           text NOT NULL,
    received_on      date,
    deleted          boolean NOT NULL,
    incomplete       boolean NOT NULL,
    is_sealed        boolean NOT NULL,
    entity_id        uuid,
    case_id          uuid,
    relation         text CHECK (relation IN ('original', 'copy', 'forwarded', 'repeat')),
    document_no      text,
    matched_by       text,
    quality_flags    text[] NOT NULL,
    gaps             text[] NOT NULL,
    links            bytea NOT NULL,
    part_count       smallint NOT NULL,
    founded_entities smallint NOT NULL DEFAULT 0,
    founded_cases    smallint NOT NULL DEFAULT 0,
    content          bytea NOT NULL,
    archive_id       bigint NOT NULL,
    first_seen_at    timestamptz NOT NULL,
    changed_at       timestamptz NOT NULL,
    said_ordinal     bigint,
    said_tie         text,
    said_hash        bytea,
    says_sealed      boolean NOT NULL,
    PRIMARY KEY (source_id, record_id),
    CHECK (octet_length(content_hash) = 32),
    CHECK (num_nulls(said_ordinal, said_tie, said_hash) IN (0, 3)),
    CHECK (deleted OR said_hash IS NULL),
    CHECK ((entity_id IS NULL) = (case_id IS NULL)),
    CHECK (NOT (deleted OR incomplete) OR entity_id IS NULL),
    CHECK (deleted OR incomplete OR (kind IS NOT NULL AND received_on IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX source_record_by_entity ON petitiond.source_record (entity_id) WHERE entity_id IS NOT NULL;
-- what a source handed over on a day; neither ever changes, so an update of the row leaves this index alone
CREATE INDEX source_record_by_day ON petitiond.source_record (source_id, ((first_seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date));
COMMENT ON TABLE petitiond.source_record IS 'One record as one source holds it, at its newest version.';
COMMENT ON COLUMN petitiond.source_record.content IS 'The mapped fields (all parts laid over one another; of a withdrawn record what it said last), compressed and encrypted.';
COMMENT ON COLUMN petitiond.source_record.links IS 'Its link keys, encrypted: in plain they would lead from a sealed record to an open one of the same person.';
COMMENT ON COLUMN petitiond.source_record.gaps IS 'What a record of its kind should say and it does not, see quality_cause.';
COMMENT ON COLUMN petitiond.source_record.says_sealed IS 'Whether what the record said last is sealed, whatever others say of its petition.';
COMMENT ON COLUMN petitiond.source_record.version_ordinal IS 'The source''s version (µs since 1970 for a time); without one, the moment of the pull or message.';
COMMENT ON COLUMN petitiond.source_record.said_ordinal IS 'Of a withdrawn record: the newest version that said something, with said_tie and said_hash. What it sealed stays sealed.';
COMMENT ON COLUMN petitiond.source_record.entity_id IS 'The petition or reception it tells of.';

CREATE TABLE petitiond.record_part (
    source_id       text NOT NULL,
    record_id       text NOT NULL,
    part            text NOT NULL,
    version_ordinal bigint NOT NULL,
    version_tie     text NOT NULL,
    content_hash    bytea NOT NULL CHECK (octet_length(content_hash) = 32),
    deleted         boolean NOT NULL,
    content         bytea NOT NULL,
    archive_id      bigint NOT NULL,
    said_ordinal    bigint,
    said_tie        text,
    said_hash       bytea,
    PRIMARY KEY (source_id, record_id, part),
    CHECK (num_nulls(said_ordinal, said_tie, said_hash) IN (0, 3)),
    CHECK (deleted OR said_hash IS NULL)
);
COMMENT ON TABLE petitiond.record_part IS 'The newest version of each part of a record that comes in parts; contents encrypted.';

CREATE TABLE petitiond.link_key (
    key    uuid NOT NULL,
    role   smallint NOT NULL,
    source bigint NOT NULL,
    record bytea NOT NULL,
    PRIMARY KEY (key, role, source, record)
);
COMMENT ON TABLE petitiond.link_key IS 'Keyed hashes of what names a record; records that share one belong together. Which records they are only the daemon can read.';
COMMENT ON COLUMN petitiond.link_key.source IS 'Keyed hash of the key and the source: tells which holders of one key are of one source, and no more.';
COMMENT ON COLUMN petitiond.link_key.record IS 'Which record, behind a veil that differs from key to key.';
COMMENT ON COLUMN petitiond.link_key.role IS '0 its own name, 1 another record of the same petition, 2 of the same case, 6 a letter of transfer; 3 its own name, 4 another record, 7 a letter, said by an earlier version.';

CREATE TABLE petitiond.node (
    node_id uuid PRIMARY KEY,
    content bytea NOT NULL
);
COMMENT ON TABLE petitiond.node IS 'What is compared where no reference tells: of a filing, or of one petitioner; encrypted. The id is a keyed hash, so the table does not tell of which record a row is.';

CREATE TABLE petitiond.node_key (
    key     bigint NOT NULL,
    node_id uuid NOT NULL
);
-- not unique: twenty rows come with every record, and looking for a conflict that cannot be takes as long as writing them
CREATE INDEX node_key_by_key ON petitiond.node_key (key, node_id);
COMMENT ON TABLE petitiond.node_key IS 'Keyed hashes by which nodes meet to be compared. Of a sealed record there are none.';

CREATE TABLE petitiond.edge (
    node_id  uuid NOT NULL,
    other_id uuid NOT NULL,
    margin   real NOT NULL,
    PRIMARY KEY (node_id, other_id)
);
COMMENT ON TABLE petitiond.edge IS 'Pairs of nodes that may be one, each in both directions.';
COMMENT ON COLUMN petitiond.edge.margin IS 'Bits of weight above the threshold of automatic links; negative: for a clerk to look at; around -1000: above it but for a rule that says never, by what it is above -1000.';

CREATE TABLE petitiond.decision (
    decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entity      text NOT NULL CHECK (entity IN ('person', 'petition')),
    left_id     uuid NOT NULL,
    right_id    uuid NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('same', 'different')),
    undoes      bigint UNIQUE REFERENCES petitiond.decision,
    decided_at  timestamptz NOT NULL,
    decided_by  text NOT NULL CHECK (decided_by <> ''),
    content     bytea NOT NULL,
    CHECK (left_id < right_id)
);
CREATE INDEX decision_by_left ON petitiond.decision (left_id);
CREATE INDEX decision_by_right ON petitiond.decision (right_id);
COMMENT ON TABLE petitiond.decision IS 'What people decided in clerical review (xét duyệt hồ sơ nghi trùng); rows are only ever added, and one that undoes another names it.';
COMMENT ON COLUMN petitiond.decision.left_id IS 'The keyed hash that the node of the record or petitioner has, whether it is there or not: a record that is sealed later cannot be found by it.';
COMMENT ON COLUMN petitiond.decision.content IS 'The names of both and the note, encrypted.';
COMMENT ON COLUMN petitiond.decision.undoes IS 'The decision that holds no longer; entity, ends and verdict are its own.';

CREATE FUNCTION petitiond.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME;
END
$$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON petitiond.decision
    FOR EACH STATEMENT EXECUTE FUNCTION petitiond.refuse_change();

CREATE VIEW petitiond.standing AS
SELECT d.decision_id, d.left_id AS node_id, d.right_id AS other_id, d.verdict
FROM petitiond.decision d
WHERE d.undoes IS NULL AND NOT EXISTS (SELECT FROM petitiond.decision u WHERE u.undoes = d.decision_id)
UNION ALL
SELECT d.decision_id, d.right_id, d.left_id, d.verdict
FROM petitiond.decision d
WHERE d.undoes IS NULL AND NOT EXISTS (SELECT FROM petitiond.decision u WHERE u.undoes = d.decision_id);
COMMENT ON VIEW petitiond.standing IS 'Decisions that hold, each in both directions.';

CREATE TABLE petitiond.petition (
    petition_id        uuid PRIMARY KEY,
    case_id            uuid NOT NULL,
    type               text CHECK (type IN ('complaint', 'denunciation', 'recommendation', 'reflection', 'mixed')),
    category           text,
    summary            text,
    received_on        date NOT NULL,
    channel            text,
    stage              text NOT NULL CHECK (stage IN ('received', 'screened', 'accepted', 'transferred', 'guided', 'returned',
                           'filed', 'verifying', 'settled', 'enforced', 'withdrawn', 'suspended')),
    stage_at           timestamptz NOT NULL,
    outcome            text CHECK (outcome IN ('justified', 'partly_justified', 'unjustified')),
    receiving_agency   text NOT NULL,
    responsible_agency text NOT NULL,
    against_agency     text,
    decision_no        text,
    decision_on        date,
    province_code      text,
    commune_code       text,
    petitioner_count   integer NOT NULL CHECK (petitioner_count >= 0),
    is_anonymous       boolean NOT NULL,
    is_sealed          boolean NOT NULL,
    deadline_on        date,
    transfer_count     integer NOT NULL CHECK (transfer_count >= 0),
    has_transfer_loop  boolean NOT NULL,
    source_count       integer NOT NULL CHECK (source_count > 0),
    quality_flags      text[] NOT NULL,
    petitioners_source text,
    petitioners_record text,
    origins            jsonb,
    readers            text[] NOT NULL,
    founding_source    text NOT NULL,
    founding_record    text NOT NULL,
    digest             bytea NOT NULL,
    first_seen_at      timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    revision           bigint NOT NULL CHECK (revision > 0),
    CONSTRAINT sealed_petition_shows_no_text CHECK (NOT is_sealed OR (summary IS NULL AND commune_code IS NULL)),
    CONSTRAINT sealed_petition_has_no_readers CHECK (NOT is_sealed OR readers = '{}')
) WITH (fillfactor = 85);
CREATE INDEX petition_by_case ON petitiond.petition (case_id);
COMMENT ON TABLE petitiond.petition IS 'Petitions (đơn), consolidated over all agencies that hold them.';
COMMENT ON COLUMN petitiond.petition.origins IS 'Which source record supplied each value; null where there is only one record.';
COMMENT ON COLUMN petitiond.petition.readers IS 'Agencies whose bound readers see it: those that hold it or have to act on it and all above them, without those that it complains of, all above and all beneath these. Nobody where it is sealed.';
COMMENT ON COLUMN petitiond.petition.digest IS 'Keyed hash of everything the petition shows: what did not change is not written again.';

CREATE TABLE petitiond.reception (
    reception_id    uuid PRIMARY KEY,
    case_id         uuid NOT NULL,
    petition_id     uuid,
    agency          text NOT NULL,
    mode            text CHECK (mode IN ('regular', 'periodic', 'unscheduled')),
    received_on     date NOT NULL,
    at              timestamptz,
    by_leader       text CHECK (by_leader IN ('head', 'delegated')),
    delegation_size integer,
    result          text,
    province_code   text,
    is_sealed       boolean NOT NULL,
    source_count    integer NOT NULL CHECK (source_count > 0),
    readers         text[] NOT NULL,
    founding_source text NOT NULL,
    founding_record text NOT NULL,
    digest          bytea NOT NULL,
    first_seen_at   timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    revision        bigint NOT NULL CHECK (revision > 0),
    CONSTRAINT sealed_reception_shows_no_text CHECK (NOT is_sealed OR result IS NULL),
    CONSTRAINT sealed_reception_has_no_readers CHECK (NOT is_sealed OR readers = '{}')
) WITH (fillfactor = 85);
CREATE INDEX reception_by_case ON petitiond.reception (case_id);
COMMENT ON TABLE petitiond.reception IS 'Receptions of citizens (lượt tiếp công dân).';
COMMENT ON COLUMN petitiond.reception.readers IS 'As of a petition.';

CREATE TABLE petitiond.case_file (
    case_id          uuid PRIMARY KEY,
    opened_on        date NOT NULL,
    last_activity_on date NOT NULL,
    petition_count   integer NOT NULL CHECK (petition_count >= 0),
    reception_count  integer NOT NULL CHECK (reception_count >= 0),
    person_count     integer NOT NULL CHECK (person_count >= 0),
    agency_count     integer NOT NULL CHECK (agency_count >= 0),
    stage            text,
    is_open          boolean NOT NULL,
    is_focus         boolean NOT NULL DEFAULT false,
    founding_source  text NOT NULL,
    founding_record  text NOT NULL,
    digest           bytea NOT NULL,
    first_seen_at    timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    revision         bigint NOT NULL CHECK (revision > 0)
) WITH (fillfactor = 85);
COMMENT ON TABLE petitiond.case_file IS 'Cases (vụ việc): all petitions and receptions about one matter.';

CREATE TABLE petitiond.entity_alias (
    entity   text NOT NULL CHECK (entity IN ('petition', 'reception', 'case', 'person')),
    alias_id uuid NOT NULL,
    kept_id  uuid NOT NULL,
    since    timestamptz NOT NULL,
    PRIMARY KEY (entity, alias_id)
);
CREATE INDEX entity_alias_by_kept ON petitiond.entity_alias (kept_id);
COMMENT ON TABLE petitiond.entity_alias IS 'Ids that were merged into an older one; an id never names another thing.';

CREATE TABLE petitiond.person (
    person_id     uuid PRIMARY KEY,
    founding      uuid,
    first_seen_at timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    revision      bigint NOT NULL CHECK (revision > 0)
) WITH (fillfactor = 85);
COMMENT ON TABLE petitiond.person IS 'Human beings and bodies behind the petitioners of open records. Nothing of a sealed record has a part in any of them.';
COMMENT ON COLUMN petitiond.person.founding IS 'The node of the petitioner that it was made for, as long as that one belongs to it. Null: nobody is this person any longer; the row stays so that the id is never given again.';

CREATE TABLE petitiond.petitioner (
    source_id         text NOT NULL,
    record_id         text NOT NULL,
    position          smallint NOT NULL,
    is_representative boolean NOT NULL,
    is_sealed         boolean NOT NULL,
    gender            text CHECK (gender IN ('male', 'female', 'other')),
    birth_year        integer,
    province_code     text,
    commune_code      text,
    person_id         uuid,
    PRIMARY KEY (source_id, record_id, position),
    CONSTRAINT sealed_petitioner_shows_nothing CHECK (NOT is_sealed OR
        (gender IS NULL AND birth_year IS NULL AND province_code IS NULL AND commune_code IS NULL AND person_id IS NULL))
) WITH (fillfactor = 90);
CREATE INDEX petitioner_by_person ON petitiond.petitioner (person_id) WHERE person_id IS NOT NULL;
COMMENT ON TABLE petitiond.petitioner IS 'Who stands behind a source record, without identity.';
COMMENT ON COLUMN petitiond.petitioner.person_id IS 'The resolved person; null where sealed, and where nothing is told of who it is.';

CREATE FUNCTION petitiond.people_twice(of_case uuid) RETURNS integer LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(petitions - 1), 0)::integer
    FROM (
        SELECT count(DISTINCT p.petition_id) AS petitions
        FROM petitiond.petition p
        JOIN petitiond.petitioner r ON (r.source_id, r.record_id) = (p.petitioners_source, p.petitioners_record)
        WHERE p.case_id = of_case AND r.person_id IS NOT NULL
        GROUP BY r.person_id
    ) AS of_person
$$;
COMMENT ON FUNCTION petitiond.people_twice IS 'How often persons of a case stand behind one more of its petitions than behind the first.';

CREATE TABLE petitiond.petitioner_identity (
    source_id        text NOT NULL,
    record_id        text NOT NULL,
    position         smallint NOT NULL,
    full_name        text,
    id_number_masked text,
    phone_masked     text,
    address          text,
    PRIMARY KEY (source_id, record_id, position)
);
COMMENT ON TABLE petitiond.petitioner_identity IS 'Identities of petitioners who are not sealed, apart from their cases; numbers masked.';

CREATE TABLE petitiond.event (
    source_id   text NOT NULL,
    record_id   text NOT NULL,
    position    smallint NOT NULL,
    at          timestamptz,
    action      text NOT NULL,
    agency      text,
    to_agency   text,
    document_no text,
    PRIMARY KEY (source_id, record_id, position)
);
COMMENT ON TABLE petitiond.event IS 'Steps of the handling as source records tell them; free text stays sealed.';

CREATE TABLE petitiond.link (
    left_source_id  text NOT NULL,
    left_record_id  text NOT NULL,
    left_position   smallint NOT NULL DEFAULT 0,
    right_source_id text NOT NULL,
    right_record_id text NOT NULL,
    right_position  smallint NOT NULL DEFAULT 0,
    entity          text NOT NULL CHECK (entity IN ('person', 'petition', 'case')),
    relation        text NOT NULL CHECK (relation IN ('same', 'copy', 'forwarded', 'repeat', 'next_instance', 'recast',
                        'recurrence', 'sibling')),
    weight          double precision,
    probability     double precision,
    decided_by      text NOT NULL CHECK (decided_by IN ('rule', 'model', 'human')),
    explanation     jsonb NOT NULL,
    PRIMARY KEY (left_source_id, left_record_id, left_position, right_source_id, right_record_id, right_position, entity, relation)
);
COMMENT ON TABLE petitiond.link IS 'Why records were linked; the explanation holds rules, levels and weights, never values.';

CREATE TABLE petitiond.feed_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq      bigint NOT NULL
);
INSERT INTO petitiond.feed_head (seq) VALUES (0);
COMMENT ON TABLE petitiond.feed_head IS 'The last number of the change feed. Whoever writes what is linked or published holds this row until commit, which makes the feed dense and in commit order and lets two matching records that come at the same instant see each other.';

CREATE TABLE petitiond.change (
    seq       bigint PRIMARY KEY,
    at        timestamptz NOT NULL,
    entity    text NOT NULL CHECK (entity IN ('petition', 'reception', 'case', 'person', 'source_record')),
    entity_id uuid NOT NULL,
    op        text NOT NULL CHECK (op IN ('insert', 'update', 'delete', 'merge', 'split')),
    revision  bigint NOT NULL,
    readers   text[] NOT NULL
);
COMMENT ON TABLE petitiond.change IS 'The change feed.';
COMMENT ON COLUMN petitiond.change.readers IS 'Agencies whose bound readers are told of it: those who saw the petition or reception before, and those who see it since.';

CREATE TABLE petitiond.reader (
    name       text PRIMARY KEY,
    agency     text,
    role       text NOT NULL CHECK (role IN ('reader', 'identity', 'ops')),
    granted_at timestamptz NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    used_at    timestamptz
);
COMMENT ON TABLE petitiond.reader IS 'Accounts of downstream systems that petitiond made.';
COMMENT ON COLUMN petitiond.reader.name IS 'The login.';
COMMENT ON COLUMN petitiond.reader.agency IS 'What it is bound to: it reads what this agency, or one beneath it, holds or has to act on. Null: the whole country.';
COMMENT ON COLUMN petitiond.reader.revoked_at IS 'Since then it reads nothing, whatever became of the login.';
COMMENT ON COLUMN petitiond.reader.used_at IS 'When it was last seen connected.';

-- By the session's own login: SET ROLE to a role that it has changes nothing. A login that has no row here reads nothing, for
-- roles belong to the server and rows to one database; but who may do what the owner may reads all. The body is parsed now,
-- not at each call, and every name in it has its schema: whoever calls could otherwise put a type of the same name of its own in
-- the place of one, and code of its own would run with the owner's rights.
CREATE FUNCTION petitiond.scope() RETURNS pg_catalog.text
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp
RETURN (
    SELECT CASE
        WHEN pg_catalog.pg_has_role(session_user, c.relowner, 'USAGE') THEN NULL
        WHEN r.name IS NULL OR r.revoked_at IS NOT NULL OR r.expires_at <= pg_catalog.clock_timestamp() THEN ''
        ELSE r.agency
    END
    FROM pg_catalog.pg_class c
    LEFT JOIN petitiond.reader r ON r.name = session_user::pg_catalog.text
    WHERE c.oid = 'petitiond.reader'::pg_catalog.regclass
);
COMMENT ON FUNCTION petitiond.scope IS 'The agency that whoever is logged in is bound to; empty where it may read nothing, null where it is bound to none.';

CREATE TABLE petitiond.quarantine (
    quarantine_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id       text NOT NULL,
    payload_hash    bytea NOT NULL CHECK (octet_length(payload_hash) = 32),
    record_id       text,
    reason          text NOT NULL,
    detail          text NOT NULL,
    packing         text NOT NULL,
    content_type    text,
    content_encoding text,
    message_id      text NOT NULL,
    payload         bytea NOT NULL,
    state           text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'retried', 'discarded')),
    received_at     timestamptz NOT NULL,
    decided_at      timestamptz,
    decided_by      text,
    decision_reason text,
    UNIQUE (source_id, payload_hash)
);
COMMENT ON TABLE petitiond.quarantine IS 'What could not be taken in, with the reason; the payload is encrypted.';

CREATE TABLE petitiond.receipt (
    receipt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_id  text NOT NULL,
    message_id text NOT NULL,
    body       jsonb NOT NULL
);
COMMENT ON TABLE petitiond.receipt IS 'Receipts on their way to their sources; a row goes when the broker has confirmed it.';

CREATE TABLE petitiond.agency (
    code           text NOT NULL,
    name           text NOT NULL,
    tier           text,
    successor_code text,
    valid_from     date NOT NULL,
    valid_to       date,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE petitiond.agency IS 'Agencies by identity code (Decision 20/2020/QD-TTg), each row with the time for which it holds.';

CREATE TABLE petitiond.admin_unit (
    code           text NOT NULL,
    level          text NOT NULL CHECK (level IN ('province', 'commune')),
    name           text NOT NULL,
    kind           text NOT NULL,
    parent_code    text,
    successor_code text,
    valid_from     date NOT NULL,
    valid_to       date,
    PRIMARY KEY (level, code, valid_from)
);
COMMENT ON TABLE petitiond.admin_unit IS 'Administrative units; a code alone is ambiguous, a code at a date is not.';

CREATE TABLE petitiond.category (
    code        text NOT NULL,
    name        text NOT NULL,
    parent_code text,
    applies_to  text,
    valid_from  date NOT NULL,
    valid_to    date,
    PRIMARY KEY (code, valid_from)
);
COMMENT ON TABLE petitiond.category IS 'Fields (lĩnh vực).';

CREATE TABLE petitiond.deadline_rule (
    id          text NOT NULL,
    object      text NOT NULL,
    stage       text NOT NULL,
    duration    text NOT NULL,
    unit        text NOT NULL,
    clock_start text NOT NULL,
    basis       text NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date,
    PRIMARY KEY (id, valid_from)
);
COMMENT ON TABLE petitiond.deadline_rule IS 'Legal time limits with their basis in law.';

CREATE TABLE petitiond.quality_cause (
    code     text PRIMARY KEY,
    severity text NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    aspect   text NOT NULL CHECK (aspect IN ('complete', 'valid', 'timely', 'unmapped')),
    name     text NOT NULL
);
COMMENT ON TABLE petitiond.quality_cause IS 'What can be wrong with a record: how much it weighs and which share of source_quality it is counted in.';

-- what is compressed and encrypted already only costs time when the server tries to compress it again
ALTER TABLE petitiond.archive ALTER COLUMN payload SET STORAGE EXTERNAL;
ALTER TABLE petitiond.source_record ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE petitiond.record_part ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE petitiond.quarantine ALTER COLUMN payload SET STORAGE EXTERNAL;
-- gone again within a second
ALTER TABLE petitiond.receipt ALTER COLUMN body SET STORAGE EXTERNAL;
