INSERT INTO petitiond.case_file (
    case_id, opened_on, last_activity_on, petition_count, reception_count, person_count, agency_count, stage, is_open,
    founding_source, founding_record, digest, first_seen_at, updated_at, revision)
SELECT
    n.case_id, n.opened_on, n.last_activity_on, n.petition_count, n.reception_count, n.person_count, n.agency_count, n.stage,
    n.is_open, n.founding_source, n.founding_record, n.digest, n.first_seen_at, n.updated_at, n.revision
FROM unnest(
    $1::uuid[], $2::date[], $3::date[], $4::integer[], $5::integer[], $6::integer[], $7::integer[], $8::text[], $9::boolean[],
    $10::text[], $11::text[], $12::bytea[], $13::timestamptz[], $14::timestamptz[], $15::bigint[])
    AS n (
    case_id, opened_on, last_activity_on, petition_count, reception_count, person_count, agency_count, stage, is_open,
    founding_source, founding_record, digest, first_seen_at, updated_at, revision)
ON CONFLICT (case_id) DO UPDATE SET
    founding_source = excluded.founding_source, founding_record = excluded.founding_record, first_seen_at = excluded.first_seen_at,
    opened_on = excluded.opened_on, last_activity_on = excluded.last_activity_on, petition_count = excluded.petition_count,
    reception_count = excluded.reception_count, person_count = excluded.person_count, agency_count = excluded.agency_count,
    stage = excluded.stage, is_open = excluded.is_open, digest = excluded.digest, updated_at = excluded.updated_at, revision =
    excluded.revision
