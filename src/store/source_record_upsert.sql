INSERT INTO petitiond.source_record AS s (source_id, record_id, source_record_id, kind, versioned, version_ordinal, version_tie,
    content_hash, agency, received_on, deleted, incomplete, is_sealed, entity_id, case_id, relation, document_no, matched_by,
    quality_flags, links, part_count, founded_entities, founded_cases, content, archive_id, first_seen_at, changed_at,
    said_ordinal, said_tie, said_hash, says_sealed, gaps)
SELECT n.source_id, n.record_id, n.source_record_id, n.kind, n.versioned, n.version_ordinal, n.version_tie, n.content_hash, n.agency,
    n.received_on, n.deleted, n.incomplete, n.is_sealed, n.entity_id, n.case_id, n.relation, n.document_no, n.matched_by,
    n.quality_flags::text[], n.links, n.part_count, n.founded_entities, n.founded_cases,
    n.content, n.archive_id, n.first_seen_at, n.changed_at, n.said_ordinal, n.said_tie, n.said_hash, n.says_sealed,
    n.gaps::text[]
FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::boolean[], $6::bigint[], $7::text[], $8::bytea[], $9::text[],
        $10::date[], $11::boolean[], $12::boolean[], $13::boolean[], $14::uuid[], $15::uuid[], $16::text[], $17::text[], $18::text[],
        $19::text[], $20::bytea[], $21::smallint[], $22::smallint[], $23::smallint[], $24::bytea[], $25::bigint[],
        $26::timestamptz[], $27::timestamptz[], $28::bigint[], $29::text[], $30::bytea[],
        $31::boolean[], $32::text[])
    AS n (source_id, record_id, source_record_id, kind, versioned, version_ordinal, version_tie, content_hash, agency, received_on,
        deleted, incomplete, is_sealed, entity_id, case_id, relation, document_no, matched_by, quality_flags, links,
        part_count, founded_entities, founded_cases, content, archive_id, first_seen_at, changed_at,
        said_ordinal, said_tie, said_hash, says_sealed, gaps)
ON CONFLICT (source_id, record_id) DO UPDATE SET
    kind = excluded.kind, versioned = excluded.versioned, version_ordinal = excluded.version_ordinal,
    version_tie = excluded.version_tie, content_hash = excluded.content_hash, agency = excluded.agency,
    received_on = excluded.received_on, deleted = excluded.deleted, incomplete = excluded.incomplete, is_sealed = excluded.is_sealed,
    entity_id = excluded.entity_id, case_id = excluded.case_id, relation = excluded.relation, document_no = excluded.document_no,
    matched_by = excluded.matched_by, quality_flags = excluded.quality_flags, links = excluded.links,
    part_count = excluded.part_count, founded_entities = excluded.founded_entities,
    founded_cases = excluded.founded_cases, content = excluded.content, archive_id = excluded.archive_id,
    changed_at = excluded.changed_at, said_ordinal = excluded.said_ordinal, said_tie = excluded.said_tie,
    said_hash = excluded.said_hash, says_sealed = excluded.says_sealed, gaps = excluded.gaps
