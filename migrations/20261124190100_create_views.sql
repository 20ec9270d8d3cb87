-- What downstream systems read: views only, additive within v1.
-- A sealed petitioner cannot be reached from any row here.
--
-- A login that petitiond bound to an agency (petitiond.scope) sees what that agency reads (petition.readers, reception.readers)
-- and what belongs to it. The scope stands in a subquery of its own, so that it is worked out once a query and not once a row;
-- and where it is compared with a column, in a CASE, of which the planner does not believe that it leaves a hundredth.

CREATE SCHEMA national_v1;
COMMENT ON SCHEMA national_v1 IS 'The national database of citizen reception and petitions, version 1: views only, additive within v1.';

CREATE VIEW national_v1.petition WITH (security_barrier) AS
SELECT petition_id, case_id, type, category, summary, received_on, channel, stage, stage_at, outcome, receiving_agency,
       responsible_agency, against_agency, decision_no, decision_on, province_code, commune_code, petitioner_count,
       petitioner_count >= 5 AS is_mass, is_anonymous, is_sealed, deadline_on,
       CASE WHEN deadline_on IS NOT NULL THEN 'declared' END AS deadline_rule,
       COALESCE(deadline_on < (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
           AND stage NOT IN ('transferred', 'guided', 'returned', 'filed', 'settled', 'enforced', 'withdrawn', 'suspended'), false) AS is_overdue,
       transfer_count, has_transfer_loop, source_count, CASE WHEN is_sealed THEN '{}' ELSE quality_flags END AS quality_flags,
       first_seen_at, updated_at, CASE WHEN (SELECT petitiond.scope()) IS NULL THEN revision END AS revision
FROM petitiond.petition
WHERE CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE readers @> ARRAY[(SELECT petitiond.scope())] END;
COMMENT ON VIEW national_v1.petition IS 'Petitions (đơn), each once in the whole country.';
COMMENT ON COLUMN national_v1.petition.petition_id IS 'Never names another petition; merged ids are in petition_alias.';
COMMENT ON COLUMN national_v1.petition.case_id IS 'The case (vụ việc) it belongs to.';
COMMENT ON COLUMN national_v1.petition.type IS 'complaint (khiếu nại), denunciation (tố cáo), recommendation (kiến nghị), reflection (phản ánh), mixed (nhiều nội dung).';
COMMENT ON COLUMN national_v1.petition.category IS 'Field (lĩnh vực), see category.';
COMMENT ON COLUMN national_v1.petition.summary IS 'What it is about (nội dung); null when sealed.';
COMMENT ON COLUMN national_v1.petition.received_on IS 'The day it was first received.';
COMMENT ON COLUMN national_v1.petition.channel IS 'How it came (hình thức tiếp nhận).';
COMMENT ON COLUMN national_v1.petition.stage IS 'How far its handling has come.';
COMMENT ON COLUMN national_v1.petition.stage_at IS 'Since when.';
COMMENT ON COLUMN national_v1.petition.outcome IS 'justified (đúng), partly_justified (đúng một phần), unjustified (sai).';
COMMENT ON COLUMN national_v1.petition.receiving_agency IS 'The agency it was first lodged with.';
COMMENT ON COLUMN national_v1.petition.responsible_agency IS 'The agency that has to act now.';
COMMENT ON COLUMN national_v1.petition.against_agency IS 'The agency complained of.';
COMMENT ON COLUMN national_v1.petition.decision_no IS 'Number of the decision or conclusion that settled it.';
COMMENT ON COLUMN national_v1.petition.decision_on IS 'Its date.';
COMMENT ON COLUMN national_v1.petition.province_code IS 'Province of the petitioner, in the codes valid since 2025-07-01.';
COMMENT ON COLUMN national_v1.petition.commune_code IS 'Commune of the petitioner; null when sealed.';
COMMENT ON COLUMN national_v1.petition.petitioner_count IS 'People behind it.';
COMMENT ON COLUMN national_v1.petition.is_mass IS 'Five people or more (đơn đông người).';
COMMENT ON COLUMN national_v1.petition.is_anonymous IS 'Nặc danh: no record of it names anybody.';
COMMENT ON COLUMN national_v1.petition.is_sealed IS 'A denunciation, or its petitioner asked for secrecy: identity and text are shown nowhere.';
COMMENT ON COLUMN national_v1.petition.deadline_on IS 'The day on which it has to be settled.';
COMMENT ON COLUMN national_v1.petition.deadline_rule IS 'By which rule: declared by the source, or a rule of deadline_rule.';
COMMENT ON COLUMN national_v1.petition.is_overdue IS 'The deadline has passed and it is not settled.';
COMMENT ON COLUMN national_v1.petition.transfer_count IS 'How often it was sent on between agencies (chuyển đơn).';
COMMENT ON COLUMN national_v1.petition.has_transfer_loop IS 'It came back to an agency that had sent it on.';
COMMENT ON COLUMN national_v1.petition.source_count IS 'Systems that hold it.';
COMMENT ON COLUMN national_v1.petition.quality_flags IS 'What is wrong or doubtful in its records, see quality_cause; empty when sealed: a rare one would tell it.';
COMMENT ON COLUMN national_v1.petition.revision IS 'Grows by one with every change; null for a reader bound to an agency.';
COMMENT ON COLUMN national_v1.petition.first_seen_at IS 'When the first of its records was stored.';
COMMENT ON COLUMN national_v1.petition.updated_at IS 'When anything shown here changed last.';

CREATE VIEW national_v1.petition_alias WITH (security_barrier) AS
SELECT alias_id, kept_id AS petition_id, since FROM petitiond.entity_alias WHERE entity = 'petition' AND (SELECT petitiond.scope()) IS NULL;
COMMENT ON VIEW national_v1.petition_alias IS 'Ids of petitions that were merged into an older one.';
COMMENT ON COLUMN national_v1.petition_alias.alias_id IS 'The younger id, which named a petition once and names none any more.';
COMMENT ON COLUMN national_v1.petition_alias.petition_id IS 'The petition that carries it on.';
COMMENT ON COLUMN national_v1.petition_alias.since IS 'When the younger id gave way.';

CREATE VIEW national_v1.case_alias WITH (security_barrier) AS
SELECT alias_id, kept_id AS case_id, since FROM petitiond.entity_alias WHERE entity = 'case' AND (SELECT petitiond.scope()) IS NULL;
COMMENT ON VIEW national_v1.case_alias IS 'Ids of cases that were merged into an older one.';
COMMENT ON COLUMN national_v1.case_alias.alias_id IS 'The younger id, which named a case once and names none any more.';
COMMENT ON COLUMN national_v1.case_alias.case_id IS 'The case that carries it on.';
COMMENT ON COLUMN national_v1.case_alias.since IS 'When the younger id gave way.';

CREATE VIEW national_v1.reception_alias WITH (security_barrier) AS
SELECT alias_id, kept_id AS reception_id, since FROM petitiond.entity_alias WHERE entity = 'reception' AND (SELECT petitiond.scope()) IS NULL;
COMMENT ON VIEW national_v1.reception_alias IS 'Ids of receptions that were merged into an older one.';
COMMENT ON COLUMN national_v1.reception_alias.alias_id IS 'The younger id, which named a reception once and names none any more.';
COMMENT ON COLUMN national_v1.reception_alias.reception_id IS 'The reception that carries it on.';
COMMENT ON COLUMN national_v1.reception_alias.since IS 'When the younger id gave way.';

CREATE VIEW national_v1.person_alias WITH (security_barrier) AS
SELECT alias_id, kept_id AS person_id, since FROM petitiond.entity_alias WHERE entity = 'person' AND (SELECT petitiond.scope()) IS NULL;
COMMENT ON VIEW national_v1.person_alias IS 'Ids of persons that were merged into an older one.';
COMMENT ON COLUMN national_v1.person_alias.alias_id IS 'The younger id, which named a person once and names none any more.';
COMMENT ON COLUMN national_v1.person_alias.person_id IS 'The person who carries it on.';
COMMENT ON COLUMN national_v1.person_alias.since IS 'When the younger id gave way.';

CREATE VIEW national_v1.filing WITH (security_barrier) AS
SELECT entity_id AS petition_id, source_id, record_id, relation, agency, received_on AS filed_on, document_no, matched_by
FROM petitiond.source_record
WHERE kind = 'petition' AND entity_id IS NOT NULL AND ((SELECT petitiond.scope()) IS NULL OR EXISTS (SELECT FROM petitiond.petition v WHERE v.petition_id = entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())]));
COMMENT ON VIEW national_v1.filing IS 'Each lodging of a petition at one agency, as a source record tells it.';
COMMENT ON COLUMN national_v1.filing.relation IS 'original, copy (the same paper sent to several agencies), forwarded (chuyển đơn), repeat (đơn trùng).';
COMMENT ON COLUMN national_v1.filing.document_no IS 'The letter with which it was forwarded.';
COMMENT ON COLUMN national_v1.filing.matched_by IS 'record (it stands alone), reference (an agency said so), content (it says the same) or review (a person decided so).';
COMMENT ON COLUMN national_v1.filing.petition_id IS 'The petition that was lodged.';
COMMENT ON COLUMN national_v1.filing.source_id IS 'The source whose record tells of it.';
COMMENT ON COLUMN national_v1.filing.record_id IS 'The record, in the numbers of its source.';
COMMENT ON COLUMN national_v1.filing.agency IS 'The agency that holds it.';
COMMENT ON COLUMN national_v1.filing.filed_on IS 'The day on which that agency received it.';

CREATE VIEW national_v1.reception WITH (security_barrier) AS
SELECT reception_id, case_id, CASE WHEN ((SELECT petitiond.scope()) IS NULL OR EXISTS (SELECT FROM petitiond.petition v WHERE v.petition_id = r.petition_id AND v.readers @> ARRAY[(SELECT petitiond.scope())])) THEN petition_id END AS petition_id, agency, mode, received_on, at, by_leader, delegation_size, result, province_code,
       source_count, updated_at, CASE WHEN (SELECT petitiond.scope()) IS NULL THEN revision END AS revision
FROM petitiond.reception r
WHERE CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE readers @> ARRAY[(SELECT petitiond.scope())] END;
COMMENT ON VIEW national_v1.reception IS 'Receptions of citizens (lượt tiếp công dân).';
COMMENT ON COLUMN national_v1.reception.mode IS 'regular (thường xuyên), periodic (định kỳ), unscheduled (đột xuất).';
COMMENT ON COLUMN national_v1.reception.by_leader IS 'head (người đứng đầu), delegated (ủy quyền), or null.';
COMMENT ON COLUMN national_v1.reception.result IS 'What came of it; null when sealed.';
COMMENT ON COLUMN national_v1.reception.reception_id IS 'Never names another reception; merged ids are in reception_alias.';
COMMENT ON COLUMN national_v1.reception.case_id IS 'The case (vụ việc) it belongs to.';
COMMENT ON COLUMN national_v1.reception.petition_id IS 'The petition it was about or that was lodged at it, where a record says so and neither is sealed.';
COMMENT ON COLUMN national_v1.reception.agency IS 'The agency that received (cơ quan tiếp).';
COMMENT ON COLUMN national_v1.reception.received_on IS 'The day, in Vietnam.';
COMMENT ON COLUMN national_v1.reception.at IS 'The moment, where the source says it.';
COMMENT ON COLUMN national_v1.reception.delegation_size IS 'People who came together (đoàn đông người); null where nothing is said.';
COMMENT ON COLUMN national_v1.reception.province_code IS 'Province of who came, in the codes valid since 2025-07-01.';
COMMENT ON COLUMN national_v1.reception.source_count IS 'Systems that hold it.';
COMMENT ON COLUMN national_v1.reception.updated_at IS 'When anything shown here changed last.';
COMMENT ON COLUMN national_v1.reception.revision IS 'Grows by one with every change; null for a reader bound to an agency.';

CREATE VIEW national_v1.case_file WITH (security_barrier) AS
SELECT case_id, opened_on, last_activity_on, petition_count, reception_count, person_count, agency_count, stage, is_open, is_focus,
       updated_at, revision
FROM petitiond.case_file
WHERE (SELECT petitiond.scope()) IS NULL
UNION ALL
-- for who is bound to an agency a case is what that one reads of it: no count, no date, no number tells that there is more
SELECT case_id, min(opened_on), max(last_activity_on), (count(*) FILTER (WHERE is_petition))::integer,
       (count(*) FILTER (WHERE NOT is_petition))::integer,
       (coalesce(sum(petitioner_count), 0) - (
           SELECT coalesce(sum(of_person.petitions - 1), 0)
           FROM (
               SELECT count(DISTINCT p.petition_id) AS petitions
               FROM petitiond.petition p
               JOIN petitiond.petitioner r ON (r.source_id, r.record_id) = (p.petitioners_source, p.petitioners_record)
               WHERE p.case_id = part.case_id AND p.readers @> ARRAY[(SELECT petitiond.scope())] AND r.person_id IS NOT NULL
               GROUP BY r.person_id
           ) of_person))::integer,
       (SELECT count(DISTINCT s.agency) FROM petitiond.source_record s WHERE s.entity_id = ANY (array_agg(part.id)))::integer,
       (array_agg(stage ORDER BY stage_at DESC, id) FILTER (WHERE is_petition))[1],
       coalesce(bool_or(is_open) FILTER (WHERE is_petition), true), false, max(updated_at), NULL
FROM (
    SELECT case_id, petition_id AS id, true AS is_petition, received_on AS opened_on,
           greatest(received_on, (stage_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date) AS last_activity_on, petitioner_count, stage, stage_at,
           stage NOT IN ('transferred', 'guided', 'returned', 'filed', 'settled', 'enforced', 'withdrawn') AS is_open, updated_at, revision
    FROM petitiond.petition
    WHERE readers @> ARRAY[(SELECT petitiond.scope())]
    UNION ALL
    SELECT case_id, reception_id, false, received_on, received_on, NULL, NULL, NULL, NULL, updated_at, revision
    FROM petitiond.reception
    WHERE readers @> ARRAY[(SELECT petitiond.scope())]
) part
GROUP BY case_id;
COMMENT ON VIEW national_v1.case_file IS 'Cases (vụ việc): all petitions and receptions about one matter, over people, instances and years.';
COMMENT ON COLUMN national_v1.case_file.person_count IS 'People behind its petitions, a person of several of them once; those of a sealed petition each by themselves.';
COMMENT ON COLUMN national_v1.case_file.case_id IS 'Never names another case; merged ids are in case_alias.';
COMMENT ON COLUMN national_v1.case_file.opened_on IS 'The first day on which any of it was received.';
COMMENT ON COLUMN national_v1.case_file.last_activity_on IS 'The last day of which any of its records tells.';
COMMENT ON COLUMN national_v1.case_file.petition_count IS 'Petitions of it.';
COMMENT ON COLUMN national_v1.case_file.reception_count IS 'Receptions of it.';
COMMENT ON COLUMN national_v1.case_file.agency_count IS 'Agencies that hold any of it.';
COMMENT ON COLUMN national_v1.case_file.stage IS 'The stage of that petition of it which moved last; null where it has none.';
COMMENT ON COLUMN national_v1.case_file.is_open IS 'Some petition of it is at no final stage, or it has none.';
COMMENT ON COLUMN national_v1.case_file.is_focus IS 'Marked as drawn out and grave (vụ việc đông người, phức tạp, kéo dài). Nothing sets it yet: always false.';
COMMENT ON COLUMN national_v1.case_file.updated_at IS 'When anything shown here changed last.';
COMMENT ON COLUMN national_v1.case_file.revision IS 'Grows by one with every change; null for a reader bound to an agency.';

CREATE VIEW national_v1.petitioner WITH (security_barrier) AS
SELECT p.petition_id, CASE WHEN (SELECT petitiond.scope()) IS NULL THEN r.person_id END AS person_id, r.position, r.is_representative, r.gender, r.birth_year, r.province_code,
       r.commune_code, r.is_sealed
FROM petitiond.petition p
JOIN petitiond.petitioner r ON r.source_id = p.petitioners_source AND r.record_id = p.petitioners_record
WHERE CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE p.readers @> ARRAY[(SELECT petitiond.scope())] END;
COMMENT ON VIEW national_v1.petitioner IS 'Who stands behind a petition; a sealed petitioner shows none of the personal columns.';
COMMENT ON COLUMN national_v1.petitioner.person_id IS 'The resolved person; null when sealed, and where nothing is told of who it is; null for a reader bound to an agency.';
COMMENT ON COLUMN national_v1.petitioner.is_sealed IS 'The petition or the record is sealed: nothing personal is shown.';
COMMENT ON COLUMN national_v1.petitioner.petition_id IS 'The petition.';
COMMENT ON COLUMN national_v1.petitioner.position IS 'Which of its petitioners, from 0.';
COMMENT ON COLUMN national_v1.petitioner.is_representative IS 'Represents the others (người đại diện).';
COMMENT ON COLUMN national_v1.petitioner.gender IS 'male (nam), female (nữ), other (khác); null when sealed or unknown.';
COMMENT ON COLUMN national_v1.petitioner.birth_year IS 'Null when sealed or unknown.';
COMMENT ON COLUMN national_v1.petitioner.province_code IS 'Province of the petitioner, in the codes valid since 2025-07-01; null when sealed or unknown.';
COMMENT ON COLUMN national_v1.petitioner.commune_code IS 'Commune, likewise.';

CREATE VIEW national_v1.petitioner_identity WITH (security_barrier) AS
SELECT p.petition_id, CASE WHEN (SELECT petitiond.scope()) IS NULL THEN r.person_id END AS person_id, r.position, r.is_representative, r.gender, r.birth_year, r.province_code,
       r.commune_code, i.full_name, i.id_number_masked, i.phone_masked, i.address
FROM petitiond.petition p
JOIN petitiond.petitioner r ON r.source_id = p.petitioners_source AND r.record_id = p.petitioners_record
JOIN petitiond.petitioner_identity i USING (source_id, record_id, position)
WHERE NOT p.is_sealed AND NOT r.is_sealed AND CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE p.readers @> ARRAY[(SELECT petitiond.scope())] END;
COMMENT ON VIEW national_v1.petitioner_identity IS 'Identities, never of a sealed petition; for role petition_identity only.';
COMMENT ON COLUMN national_v1.petitioner_identity.person_id IS 'The resolved person, see person_alias; null where nothing is told of who it is; null for a reader bound to an agency.';
COMMENT ON COLUMN national_v1.petitioner_identity.full_name IS 'As the newest record writes it (họ và tên).';
COMMENT ON COLUMN national_v1.petitioner_identity.id_number_masked IS 'CCCD, CMND, passport or tax code, all but its last signs masked.';
COMMENT ON COLUMN national_v1.petitioner_identity.phone_masked IS 'In E.164, all but its last digits masked.';
COMMENT ON COLUMN national_v1.petitioner_identity.address IS 'As the record writes it (địa chỉ).';
COMMENT ON COLUMN national_v1.petitioner_identity.petition_id IS 'The petition.';
COMMENT ON COLUMN national_v1.petitioner_identity.position IS 'Which of its petitioners, from 0.';
COMMENT ON COLUMN national_v1.petitioner_identity.is_representative IS 'Represents the others (người đại diện).';
COMMENT ON COLUMN national_v1.petitioner_identity.gender IS 'male (nam), female (nữ), other (khác); null when sealed or unknown.';
COMMENT ON COLUMN national_v1.petitioner_identity.birth_year IS 'Null when sealed or unknown.';
COMMENT ON COLUMN national_v1.petitioner_identity.province_code IS 'Province of the petitioner, in the codes valid since 2025-07-01; null when sealed or unknown.';
COMMENT ON COLUMN national_v1.petitioner_identity.commune_code IS 'Commune, likewise.';

CREATE VIEW national_v1.petitioner_record WITH (security_barrier) AS
SELECT source_id, record_id, position, CASE WHEN (SELECT petitiond.scope()) IS NULL THEN person_id END AS person_id
FROM petitiond.petitioner r
WHERE (SELECT petitiond.scope()) IS NULL OR EXISTS (
    SELECT FROM petitiond.source_record s
    WHERE (s.source_id, s.record_id) = (r.source_id, r.record_id) AND ((SELECT petitiond.scope()) IS NULL
       OR EXISTS (SELECT FROM petitiond.petition v WHERE v.petition_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())])
       OR EXISTS (SELECT FROM petitiond.reception v WHERE v.reception_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())])));
COMMENT ON VIEW national_v1.petitioner_record IS 'Which person each petitioner of each source record is.';
COMMENT ON COLUMN national_v1.petitioner_record.person_id IS 'Never names another human being; merged ids are in person_alias. Null when sealed, and where nothing is told of who it is; null for a reader bound to an agency.';
COMMENT ON COLUMN national_v1.petitioner_record.source_id IS 'The source of the record.';
COMMENT ON COLUMN national_v1.petitioner_record.record_id IS 'The record, in the numbers of its source.';
COMMENT ON COLUMN national_v1.petitioner_record.position IS 'Which of its petitioners, from 0.';

CREATE VIEW national_v1.event WITH (security_barrier) AS
SELECT s.entity_id AS petition_id, e.at, e.action, e.agency, e.to_agency, e.document_no, e.source_id, e.record_id
FROM petitiond.source_record s
JOIN petitiond.event e USING (source_id, record_id)
WHERE s.kind = 'petition' AND s.entity_id IS NOT NULL AND ((SELECT petitiond.scope()) IS NULL OR EXISTS (SELECT FROM petitiond.petition v WHERE v.petition_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())]));
COMMENT ON VIEW national_v1.event IS 'What happened to a petition, as its source records tell it.';
COMMENT ON COLUMN national_v1.event.petition_id IS 'The petition it happened to.';
COMMENT ON COLUMN national_v1.event.at IS 'When; null where the source does not say.';
COMMENT ON COLUMN national_v1.event.action IS 'What was done: received (tiếp nhận), transferred (chuyển đơn) and so on, see the interchange record.';
COMMENT ON COLUMN national_v1.event.agency IS 'By which agency.';
COMMENT ON COLUMN national_v1.event.to_agency IS 'To which agency, where it was sent on.';
COMMENT ON COLUMN national_v1.event.document_no IS 'The document with which it was done (số văn bản).';
COMMENT ON COLUMN national_v1.event.source_id IS 'The source that tells it.';
COMMENT ON COLUMN national_v1.event.record_id IS 'The record that tells it, in the numbers of its source.';

CREATE VIEW national_v1.source_record WITH (security_barrier) AS
SELECT source_id, record_id, kind, CASE WHEN versioned AND NOT is_sealed THEN version_ordinal END AS version, content_hash, agency, received_on,
       deleted, CASE WHEN kind = 'petition' THEN entity_id END AS petition_id,
       CASE WHEN kind = 'reception' THEN entity_id END AS reception_id, case_id,
       CASE WHEN is_sealed THEN '{}' ELSE quality_flags END AS quality_flags, first_seen_at, changed_at,
       incomplete, source_record_id
FROM petitiond.source_record s
WHERE (SELECT petitiond.scope()) IS NULL
       OR EXISTS (SELECT FROM petitiond.petition v WHERE v.petition_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())])
       OR EXISTS (SELECT FROM petitiond.reception v WHERE v.reception_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())]);
COMMENT ON VIEW national_v1.source_record IS 'Every record of every source at its newest version.';
COMMENT ON COLUMN national_v1.source_record.version IS 'The source''s own version: µs since 1970 for a time, or its integer; null where it has none, and of sealed records: what was saved at one instant belongs together.';
COMMENT ON COLUMN national_v1.source_record.content_hash IS 'Keyed hash of the content: equal means equal, and nothing else can be read from it.';
COMMENT ON COLUMN national_v1.source_record.incomplete IS 'Some part with a required field has not come yet.';
COMMENT ON COLUMN national_v1.source_record.source_record_id IS 'The id under which the change feed tells of a record that belongs to no petition or reception.';
COMMENT ON COLUMN national_v1.source_record.source_id IS 'The source.';
COMMENT ON COLUMN national_v1.source_record.record_id IS 'The record, in the numbers of its source.';
COMMENT ON COLUMN national_v1.source_record.kind IS 'petition (đơn) or reception (lượt tiếp công dân); null where the part that says it has not come or the record was withdrawn.';
COMMENT ON COLUMN national_v1.source_record.agency IS 'The agency that holds it.';
COMMENT ON COLUMN national_v1.source_record.received_on IS 'The day on which that agency received it.';
COMMENT ON COLUMN national_v1.source_record.deleted IS 'Withdrawn by its source; nothing else is shown of it.';
COMMENT ON COLUMN national_v1.source_record.petition_id IS 'The petition it tells of; null for a reception, and where it is withdrawn or incomplete.';
COMMENT ON COLUMN national_v1.source_record.reception_id IS 'The reception it tells of, likewise.';
COMMENT ON COLUMN national_v1.source_record.case_id IS 'The case that one belongs to.';
COMMENT ON COLUMN national_v1.source_record.quality_flags IS 'What is wrong or doubtful in it, see quality_cause; empty when sealed, its source reads it in the receipt.';
COMMENT ON COLUMN national_v1.source_record.first_seen_at IS 'When it was stored for the first time.';
COMMENT ON COLUMN national_v1.source_record.changed_at IS 'When what is stored of it changed last.';

CREATE VIEW national_v1.field_origin WITH (security_barrier) AS
SELECT p.petition_id, o.key AS field, o.value ->> 0 AS source_id, o.value ->> 1 AS record_id
FROM petitiond.petition p
CROSS JOIN LATERAL jsonb_each(p.origins) o
WHERE p.origins IS NOT NULL AND CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE p.readers @> ARRAY[(SELECT petitiond.scope())] END
UNION ALL
SELECT p.petition_id, f.field, p.founding_source, p.founding_record
FROM petitiond.petition p
CROSS JOIN LATERAL (VALUES ('type', p.type IS NOT NULL), ('category', p.category IS NOT NULL), ('summary', p.summary IS NOT NULL),
    ('received_on', true), ('channel', p.channel IS NOT NULL), ('stage', true), ('outcome', p.outcome IS NOT NULL),
    ('receiving_agency', true), ('responsible_agency', true), ('against_agency', p.against_agency IS NOT NULL),
    ('decision_no', p.decision_no IS NOT NULL), ('decision_on', p.decision_on IS NOT NULL),
    ('province_code', p.province_code IS NOT NULL), ('commune_code', p.commune_code IS NOT NULL),
    ('deadline_on', p.deadline_on IS NOT NULL)) AS f (field, has_value)
WHERE p.origins IS NULL AND f.has_value AND CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE p.readers @> ARRAY[(SELECT petitiond.scope())] END;
COMMENT ON VIEW national_v1.field_origin IS 'Which source record supplied each consolidated value.';
COMMENT ON COLUMN national_v1.field_origin.petition_id IS 'The petition.';
COMMENT ON COLUMN national_v1.field_origin.field IS 'The column of petition.';
COMMENT ON COLUMN national_v1.field_origin.source_id IS 'The source that supplied it.';
COMMENT ON COLUMN national_v1.field_origin.record_id IS 'Its record, in the numbers of its source.';

CREATE VIEW national_v1.link WITH (security_barrier) AS
SELECT entity, relation, left_source_id, left_record_id, left_position, right_source_id, right_record_id, right_position, weight,
       probability, decided_by, explanation
FROM petitiond.link l
-- a link rests on who the petitioner is, and who reads it may have known one of the records before it was sealed
WHERE NOT EXISTS (
    SELECT FROM petitiond.source_record s
    WHERE (s.source_id, s.record_id) IN ((l.left_source_id, l.left_record_id), (l.right_source_id, l.right_record_id))
      AND s.is_sealed)
  AND ((SELECT petitiond.scope()) IS NULL OR NOT EXISTS (
    SELECT FROM petitiond.source_record s
    WHERE (s.source_id, s.record_id) IN ((l.left_source_id, l.left_record_id), (l.right_source_id, l.right_record_id))
      AND NOT EXISTS (SELECT FROM petitiond.petition v WHERE v.petition_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())])
      AND NOT EXISTS (SELECT FROM petitiond.reception v WHERE v.reception_id = s.entity_id AND v.readers @> ARRAY[(SELECT petitiond.scope())])));
COMMENT ON VIEW national_v1.link IS 'Why records were linked; levels and weights, never values.';
COMMENT ON COLUMN national_v1.link.entity IS 'person, petition or case: what the two were linked as.';
COMMENT ON COLUMN national_v1.link.relation IS 'same, copy (cùng một đơn gửi nhiều nơi), forwarded (chuyển đơn), repeat (đơn trùng), next_instance (lần tiếp theo), recast, recurrence (tái phát), sibling (cùng nội dung, người khác).';
COMMENT ON COLUMN national_v1.link.left_source_id IS 'The source of the one record.';
COMMENT ON COLUMN national_v1.link.left_record_id IS 'The one record.';
COMMENT ON COLUMN national_v1.link.left_position IS 'Which of its petitioners, from 0; 0 where entity is not person.';
COMMENT ON COLUMN national_v1.link.right_source_id IS 'The source of the other.';
COMMENT ON COLUMN national_v1.link.right_record_id IS 'The other record.';
COMMENT ON COLUMN national_v1.link.right_position IS 'Which of its petitioners, from 0; 0 where entity is not person.';
COMMENT ON COLUMN national_v1.link.weight IS 'Bits for the two being one, as the model weighed them; null where a rule or a human decided.';
COMMENT ON COLUMN national_v1.link.probability IS 'What the weight comes to, 0 to 1; null likewise.';
COMMENT ON COLUMN national_v1.link.decided_by IS 'rule (an agency referred to the other record), model, or human (a clerk decided so).';
COMMENT ON COLUMN national_v1.link.explanation IS 'Rules, levels and weights of each comparison; never a value.';

CREATE VIEW national_v1.change WITH (security_barrier) AS
SELECT seq, at, entity, entity_id, op, CASE WHEN (SELECT petitiond.scope()) IS NULL THEN revision END AS revision
FROM petitiond.change
WHERE CASE WHEN (SELECT petitiond.scope()) IS NULL THEN true ELSE readers @> ARRAY[(SELECT petitiond.scope())] END
-- here: the planner sees no order through a security barrier, and would sort all that follows for a thousand rows
ORDER BY seq;
COMMENT ON VIEW national_v1.change IS 'The change feed: seq is dense and in commit order, so a reader that keeps the last seq it saw misses nothing, and a gap is a fault.';
COMMENT ON COLUMN national_v1.change.seq IS 'Dense and in commit order, from 1.';
COMMENT ON COLUMN national_v1.change.at IS 'When the transaction wrote it, never earlier than those before it.';
COMMENT ON COLUMN national_v1.change.entity IS 'petition, reception, case, person or source_record.';
COMMENT ON COLUMN national_v1.change.entity_id IS 'Its id in the view of that name; of a source record source_record_id.';
COMMENT ON COLUMN national_v1.change.op IS 'insert, update, delete, merge (it was merged into another, see the alias views) or split (something that belonged to it is another now).';
COMMENT ON COLUMN national_v1.change.revision IS 'The revision it has since; null for a reader bound to an agency.';

CREATE FUNCTION national_v1.changes(after bigint, max integer DEFAULT 1000)
RETURNS TABLE (seq bigint, at timestamptz, entity text, entity_id uuid, op text, revision bigint)
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = pg_catalog AS $$
    SELECT c.seq, c.at, c.entity, c.entity_id, c.op, c.revision
    FROM national_v1.change c
    WHERE c.seq > after
    ORDER BY c.seq
    LIMIT least(max, 100000)
$$;
COMMENT ON FUNCTION national_v1.changes IS 'The changes after a number, oldest first, at most max (100,000 at once).';

CREATE VIEW national_v1.agency AS SELECT code, name, tier, successor_code, valid_from, valid_to FROM petitiond.agency;
COMMENT ON VIEW national_v1.agency IS 'Agencies by identity code (Decision 20/2020/QD-TTg).';
COMMENT ON COLUMN national_v1.agency.code IS 'Identity code, G… of ministries, H… of provinces, with the bodies beneath after a point.';
COMMENT ON COLUMN national_v1.agency.name IS 'Official name.';
COMMENT ON COLUMN national_v1.agency.tier IS 'ministry (bộ), branch (ngành) or local (địa phương).';
COMMENT ON COLUMN national_v1.agency.successor_code IS 'Who took its duties over.';
COMMENT ON COLUMN national_v1.agency.valid_from IS 'The first day on which it holds.';
COMMENT ON COLUMN national_v1.agency.valid_to IS 'The last; null while it holds.';
CREATE VIEW national_v1.admin_unit AS
SELECT code, level, name, kind, parent_code, successor_code, valid_from, valid_to FROM petitiond.admin_unit;
COMMENT ON VIEW national_v1.admin_unit IS 'Administrative units; stored codes are those valid since 2025-07-01.';
COMMENT ON COLUMN national_v1.admin_unit.code IS 'Code of the General Statistics Office; alone it is ambiguous, at a date it is not.';
COMMENT ON COLUMN national_v1.admin_unit.level IS 'province (cấp tỉnh) or commune (cấp xã).';
COMMENT ON COLUMN national_v1.admin_unit.name IS 'Name without the kind.';
COMMENT ON COLUMN national_v1.admin_unit.kind IS 'thành phố, tỉnh, phường, xã or đặc khu.';
COMMENT ON COLUMN national_v1.admin_unit.parent_code IS 'The province of a commune.';
COMMENT ON COLUMN national_v1.admin_unit.successor_code IS 'The unit it became a part of, where it is one.';
COMMENT ON COLUMN national_v1.admin_unit.valid_from IS 'The first day on which it holds.';
COMMENT ON COLUMN national_v1.admin_unit.valid_to IS 'The last; null while it holds.';
CREATE VIEW national_v1.category AS SELECT code, name, parent_code, applies_to, valid_from, valid_to FROM petitiond.category;
COMMENT ON VIEW national_v1.category IS 'Fields (lĩnh vực).';
COMMENT ON COLUMN national_v1.category.code IS 'Code of the field.';
COMMENT ON COLUMN national_v1.category.name IS 'In Vietnamese, as official reports head their columns.';
COMMENT ON COLUMN national_v1.category.parent_code IS 'The field it is a part of.';
COMMENT ON COLUMN national_v1.category.applies_to IS 'KN (khiếu nại), TC (tố cáo), KNPA (kiến nghị, phản ánh).';
COMMENT ON COLUMN national_v1.category.valid_from IS 'The first day on which it holds.';
COMMENT ON COLUMN national_v1.category.valid_to IS 'The last; null while it holds.';
CREATE VIEW national_v1.deadline_rule AS
SELECT id, object, stage, duration, unit, clock_start, basis, valid_from, valid_to FROM petitiond.deadline_rule;
COMMENT ON VIEW national_v1.deadline_rule IS 'Legal time limits with their basis in law.';
COMMENT ON COLUMN national_v1.deadline_rule.id IS 'Names the rule.';
COMMENT ON COLUMN national_v1.deadline_rule.object IS 'What it is about.';
COMMENT ON COLUMN national_v1.deadline_rule.stage IS 'Which step it limits.';
COMMENT ON COLUMN national_v1.deadline_rule.duration IS 'How long.';
COMMENT ON COLUMN national_v1.deadline_rule.unit IS 'In days, working days, months.';
COMMENT ON COLUMN national_v1.deadline_rule.clock_start IS 'When it begins to run.';
COMMENT ON COLUMN national_v1.deadline_rule.basis IS 'The law and its article.';
COMMENT ON COLUMN national_v1.deadline_rule.valid_from IS 'The first day on which it holds.';
COMMENT ON COLUMN national_v1.deadline_rule.valid_to IS 'The last; null while it holds.';

CREATE VIEW national_v1.quality_cause AS SELECT code, severity, aspect, name FROM petitiond.quality_cause;
COMMENT ON VIEW national_v1.quality_cause IS 'What can be wrong with a record: the codes of quality_flags, and what source_quality counts beside them.';
COMMENT ON COLUMN national_v1.quality_cause.code IS 'A quality flag, or what is missing, or late.';
COMMENT ON COLUMN national_v1.quality_cause.severity IS 'error (lỗi): missing, wrong or not understood, to be mended; warning (cảnh báo): used, but it may mean something else than it says; note (ghi chú): nothing to mend.';
COMMENT ON COLUMN national_v1.quality_cause.aspect IS 'The share of source_quality that it is counted in.';
COMMENT ON COLUMN national_v1.quality_cause.name IS 'For an official, in Vietnamese.';

-- decree 55/2022/ND-CP, article 8: a case is entered as soon as it is accepted, and acceptance takes ten working days
CREATE FUNCTION petitiond.is_late(received_on date, handed_over_on date) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN received_on IS NOT NULL AND handed_over_on - received_on NOT BETWEEN 0 AND 14;
COMMENT ON FUNCTION petitiond.is_late IS 'Whether a record came more than 14 days after its agency received it, or before it did.';

-- one pass over the rows of the days asked for: conditions on source and day reach the index below the sum
CREATE VIEW national_v1.source_quality WITH (security_barrier) AS
WITH held AS (
    SELECT source_id, (first_seen_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day, true AS is_stored, received_on, quality_flags, gaps
    FROM petitiond.source_record
    WHERE NOT deleted
    UNION ALL
    SELECT source_id, (received_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, false, NULL, '{}', '{}'
    FROM petitiond.quarantine
    WHERE state = 'held'
), counted AS (
    SELECT source_id, day, count(*) FILTER (WHERE is_stored) AS records,
           count(*) FILTER (WHERE is_stored AND gaps = '{}' AND NOT quality_flags && (
               SELECT array_agg(code) FROM petitiond.quality_cause WHERE aspect = 'complete')) AS records_complete,
           count(*) FILTER (WHERE is_stored AND NOT quality_flags && (
               SELECT array_agg(code) FROM petitiond.quality_cause WHERE aspect = 'valid' AND severity = 'error')) AS records_valid,
           count(*) FILTER (WHERE is_stored AND received_on IS NOT NULL AND NOT petitiond.is_late(received_on, day)) AS records_timely,
           count(*) FILTER (WHERE is_stored AND quality_flags && (
               SELECT array_agg(code) FROM petitiond.quality_cause WHERE aspect = 'unmapped')) AS records_unmapped,
           count(*) FILTER (WHERE NOT is_stored) AS records_quarantined
    FROM held
    GROUP BY source_id, day
)
SELECT source_id, day, records_complete / nullif(records, 0)::double precision AS complete,
       records_valid / nullif(records, 0)::double precision AS valid, records_timely / nullif(records, 0)::double precision AS timely,
       records_unmapped / nullif(records, 0)::double precision AS unmapped, records, records_complete, records_valid, records_timely,
       records_unmapped, records_quarantined
FROM counted
WHERE (SELECT petitiond.scope()) IS NULL;
COMMENT ON VIEW national_v1.source_quality IS 'How good the records of each source are, by the day (in Vietnam) on which it first handed them over: as they stand now, withdrawn ones left out. Counts and shares only, sealed records among them.';
COMMENT ON COLUMN national_v1.source_quality.source_id IS 'The source.';
COMMENT ON COLUMN national_v1.source_quality.day IS 'The day, in Vietnam, on which the records came for the first time; a record that is replaced stays on it.';
COMMENT ON COLUMN national_v1.source_quality.complete IS 'Share (0 to 1) that says all a record of its kind should (đầy đủ): of a petition its type, field, content and who lodged it, of a reception its mode. Null where there are no records.';
COMMENT ON COLUMN national_v1.source_quality.valid IS 'Share without a value that is wrong or cannot be understood (hợp lệ): no flag of severity error whose aspect is valid, see quality_cause.';
COMMENT ON COLUMN national_v1.source_quality.timely IS 'Share handed over within 14 days of the day on which the agency received it (kịp thời).';
COMMENT ON COLUMN national_v1.source_quality.unmapped IS 'Share with a code, a field or an agency that no table knows (chưa ánh xạ); the smaller the better.';
COMMENT ON COLUMN national_v1.source_quality.records IS 'Records that stand (bản ghi): not withdrawn, not in quarantine.';
COMMENT ON COLUMN national_v1.source_quality.records_complete IS 'How many of them are complete.';
COMMENT ON COLUMN national_v1.source_quality.records_valid IS 'How many of them are valid.';
COMMENT ON COLUMN national_v1.source_quality.records_timely IS 'How many of them are timely.';
COMMENT ON COLUMN national_v1.source_quality.records_unmapped IS 'How many of them have something unmapped.';
COMMENT ON COLUMN national_v1.source_quality.records_quarantined IS 'What came that day, could not be taken in and is held in quarantine (cách ly); not among the records.';

CREATE VIEW national_v1.source_status WITH (security_barrier) AS
SELECT o.source_id, name, tier, enabled, paused, last_attempt_at, last_success_at, last_record_at,
       -- a cursor of the source's own making may be a name or a number of a person
       CASE WHEN jsonb_path_exists(cursor, 'strict $.** ? (@.type() == "string" && !(@ like_regex "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?(Z|[+-][0-9:]+)?$"))') THEN to_jsonb('…'::text) ELSE cursor END AS cursor,
       backlog, records_stored,
       records_quarantined, consecutive_failures, last_error, records_received, records_unchanged, records_stale, config_error,
       enabled AND NOT paused AND consecutive_failures = 0 AND q.silent_since IS NOT NULL AS silent, q.usual AS usual_silence,
       c.at AS reconciled_at, c.missing AS reconciled_missing, c.extra AS reconciled_extra, c.different AS reconciled_different
FROM petitiond.source o
LEFT JOIN petitiond.source_silence q USING (source_id)
LEFT JOIN LATERAL (SELECT * FROM petitiond.reconciliation c WHERE c.source_id = o.source_id ORDER BY c.at DESC LIMIT 1) c ON true
WHERE (SELECT petitiond.scope()) IS NULL
UNION ALL
-- for who is bound to an agency nothing that counts or dates records: with what it sees, the difference would tell of what it does not
SELECT source_id, name, tier, enabled, paused, last_attempt_at, last_success_at, NULL, NULL, NULL, NULL, NULL, consecutive_failures, last_error,
       NULL, NULL, NULL, config_error, NULL, NULL, NULL, NULL, NULL, NULL
FROM petitiond.source
WHERE agency = (SELECT petitiond.scope()) OR starts_with(agency, (SELECT petitiond.scope()) || '.');
COMMENT ON VIEW national_v1.source_status IS 'The health of each source.';
COMMENT ON COLUMN national_v1.source_status.source_id IS 'The source.';
COMMENT ON COLUMN national_v1.source_status.name IS 'Its name.';
COMMENT ON COLUMN national_v1.source_status.tier IS 'ministry (bộ), branch (ngành) or local (địa phương).';
COMMENT ON COLUMN national_v1.source_status.enabled IS 'Its file is there and says so.';
COMMENT ON COLUMN national_v1.source_status.paused IS 'Paused by hand: nothing is pulled and its queue is not read.';
COMMENT ON COLUMN national_v1.source_status.last_attempt_at IS 'When it was last asked.';
COMMENT ON COLUMN national_v1.source_status.last_success_at IS 'When that last succeeded.';
COMMENT ON COLUMN national_v1.source_status.last_record_at IS 'When a record of it last came.';
COMMENT ON COLUMN national_v1.source_status.cursor IS 'How far the last confirmed page came; what might name a person is shown as ….';
COMMENT ON COLUMN national_v1.source_status.backlog IS 'Messages that wait in its inbox.';
COMMENT ON COLUMN national_v1.source_status.records_stored IS 'Records of it that changed something, since it was registered.';
COMMENT ON COLUMN national_v1.source_status.records_quarantined IS 'Records of it that could not be taken in, likewise.';
COMMENT ON COLUMN national_v1.source_status.consecutive_failures IS 'Pulls that failed since the last one that did not.';
COMMENT ON COLUMN national_v1.source_status.last_error IS 'What was wrong the last time; values are left out.';
COMMENT ON COLUMN national_v1.source_status.records_received IS 'Records that came, likewise.';
COMMENT ON COLUMN national_v1.source_status.records_unchanged IS 'Records that said what was known, likewise.';
COMMENT ON COLUMN national_v1.source_status.records_stale IS 'Records older than what was known, likewise.';
COMMENT ON COLUMN national_v1.source_status.reconciled_at IS 'When all that it holds was last compared with what is stored of it (đối soát).';
COMMENT ON COLUMN national_v1.source_status.reconciled_missing IS 'Records that it had then and the database had not.';
COMMENT ON COLUMN national_v1.source_status.reconciled_extra IS 'Records that the database had then and it had not.';
COMMENT ON COLUMN national_v1.source_status.reconciled_different IS 'Records of which both had another content.';
COMMENT ON COLUMN national_v1.source_status.silent IS 'No error, but nothing new either, for one and a half times the longest silence of eight weeks, and at least two hours.';
COMMENT ON COLUMN national_v1.source_status.usual_silence IS 'The longest time without anything new in the last eight weeks; null as long as less than eight days are known.';
COMMENT ON COLUMN national_v1.source_status.config_error IS 'Why its file was not taken up; it runs on as it was.';

CREATE VIEW national_v1.quarantine WITH (security_barrier) AS
SELECT quarantine_id, source_id, reason, detail, state, received_at, decided_at, decided_by, decision_reason
FROM petitiond.quarantine
WHERE (SELECT petitiond.scope()) IS NULL;
COMMENT ON VIEW national_v1.quarantine IS 'What could not be taken in and why; for role petition_ops.';
COMMENT ON COLUMN national_v1.quarantine.quarantine_id IS 'Names it in quarantine show, retry and discard.';
COMMENT ON COLUMN national_v1.quarantine.source_id IS 'The source.';
COMMENT ON COLUMN national_v1.quarantine.reason IS 'Why, as a code.';
COMMENT ON COLUMN national_v1.quarantine.detail IS 'Why, in words; places and names of fields, never values.';
COMMENT ON COLUMN national_v1.quarantine.state IS 'held, retried (tried again and taken) or discarded.';
COMMENT ON COLUMN national_v1.quarantine.received_at IS 'When it came.';
COMMENT ON COLUMN national_v1.quarantine.decided_at IS 'When a person last decided of it.';
COMMENT ON COLUMN national_v1.quarantine.decided_by IS 'Who did.';
COMMENT ON COLUMN national_v1.quarantine.decision_reason IS 'Why it was discarded.';
