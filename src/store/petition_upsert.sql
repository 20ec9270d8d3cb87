INSERT INTO petitiond.petition (
    petition_id, case_id, type, category, summary, received_on, channel, stage, stage_at, outcome, receiving_agency,
    responsible_agency, against_agency, decision_no, decision_on, province_code, commune_code, petitioner_count, is_anonymous,
    is_sealed, deadline_on, transfer_count, has_transfer_loop, source_count, quality_flags, petitioners_source,
    petitioners_record, origins, founding_source, founding_record, digest, first_seen_at, updated_at, revision, readers)
SELECT
    n.petition_id, n.case_id, n.type, n.category, n.summary, n.received_on, n.channel, n.stage, n.stage_at, n.outcome,
    n.receiving_agency, n.responsible_agency, n.against_agency, n.decision_no, n.decision_on, n.province_code, n.commune_code,
    n.petitioner_count, n.is_anonymous, n.is_sealed, n.deadline_on, n.transfer_count, n.has_transfer_loop, n.source_count,
    n.quality_flags::text[], n.petitioners_source, n.petitioners_record, n.origins, n.founding_source, n.founding_record,
    n.digest, n.first_seen_at, n.updated_at, n.revision, n.readers::text[]
FROM unnest(
    $1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::date[], $7::text[], $8::text[], $9::timestamptz[],
    $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::date[], $16::text[], $17::text[], $18::integer[],
    $19::boolean[], $20::boolean[], $21::date[], $22::integer[], $23::boolean[], $24::integer[], $25::text[], $26::text[],
    $27::text[], $28::jsonb[], $29::text[], $30::text[], $31::bytea[], $32::timestamptz[], $33::timestamptz[], $34::bigint[], $35::text[])
    AS n (
    petition_id, case_id, type, category, summary, received_on, channel, stage, stage_at, outcome, receiving_agency,
    responsible_agency, against_agency, decision_no, decision_on, province_code, commune_code, petitioner_count, is_anonymous,
    is_sealed, deadline_on, transfer_count, has_transfer_loop, source_count, quality_flags, petitioners_source,
    petitioners_record, origins, founding_source, founding_record, digest, first_seen_at, updated_at, revision, readers)
ON CONFLICT (petition_id) DO UPDATE SET
    founding_source = excluded.founding_source, founding_record = excluded.founding_record, first_seen_at = excluded.first_seen_at,
    case_id = excluded.case_id, type = excluded.type, category = excluded.category, summary = excluded.summary, received_on =
    excluded.received_on, channel = excluded.channel, stage = excluded.stage, stage_at = excluded.stage_at, outcome =
    excluded.outcome, receiving_agency = excluded.receiving_agency, responsible_agency = excluded.responsible_agency,
    against_agency = excluded.against_agency, decision_no = excluded.decision_no, decision_on = excluded.decision_on,
    province_code = excluded.province_code, commune_code = excluded.commune_code, petitioner_count = excluded.petitioner_count,
    is_anonymous = excluded.is_anonymous, is_sealed = excluded.is_sealed, deadline_on = excluded.deadline_on, transfer_count =
    excluded.transfer_count, has_transfer_loop = excluded.has_transfer_loop, source_count = excluded.source_count, quality_flags
    = excluded.quality_flags, petitioners_source = excluded.petitioners_source, petitioners_record =
    excluded.petitioners_record, origins = excluded.origins, digest = excluded.digest, updated_at = excluded.updated_at,
    revision = excluded.revision, readers = excluded.readers
