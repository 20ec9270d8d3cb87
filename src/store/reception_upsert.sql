INSERT INTO petitiond.reception (
    reception_id, case_id, petition_id, agency, mode, received_on, at, by_leader, delegation_size, result, province_code,
    is_sealed, source_count, founding_source, founding_record, digest, first_seen_at, updated_at, revision, readers)
SELECT
    n.reception_id, n.case_id, n.petition_id, n.agency, n.mode, n.received_on, n.at, n.by_leader, n.delegation_size, n.result,
    n.province_code, n.is_sealed, n.source_count, n.founding_source, n.founding_record, n.digest, n.first_seen_at, n.updated_at,
    n.revision, n.readers::text[]
FROM unnest(
    $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::date[], $7::timestamptz[], $8::text[], $9::integer[],
    $10::text[], $11::text[], $12::boolean[], $13::integer[], $14::text[], $15::text[], $16::bytea[], $17::timestamptz[],
    $18::timestamptz[], $19::bigint[], $20::text[])
    AS n (
    reception_id, case_id, petition_id, agency, mode, received_on, at, by_leader, delegation_size, result, province_code,
    is_sealed, source_count, founding_source, founding_record, digest, first_seen_at, updated_at, revision, readers)
ON CONFLICT (reception_id) DO UPDATE SET
    founding_source = excluded.founding_source, founding_record = excluded.founding_record, first_seen_at = excluded.first_seen_at,
    case_id = excluded.case_id, petition_id = excluded.petition_id, agency = excluded.agency, mode = excluded.mode, received_on
    = excluded.received_on, at = excluded.at, by_leader = excluded.by_leader, delegation_size = excluded.delegation_size, result
    = excluded.result, province_code = excluded.province_code, is_sealed = excluded.is_sealed, source_count =
    excluded.source_count, digest = excluded.digest, updated_at = excluded.updated_at, revision = excluded.revision, readers = excluded.readers
