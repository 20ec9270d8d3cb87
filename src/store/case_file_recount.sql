WITH touched AS (
    SELECT DISTINCT s.case_id
    FROM unnest($2::text[], $3::text[]) AS k (source_id, record_id)
    JOIN petitiond.source_record s USING (source_id, record_id)
    WHERE s.case_id IS NOT NULL
), counted AS (
    SELECT t.case_id, (least(sum(p.petitioner_count), 2147483647) - petitiond.people_twice(t.case_id))::integer AS people
    FROM touched t
    JOIN petitiond.petition p USING (case_id)
    GROUP BY t.case_id
)
UPDATE petitiond.case_file f
SET person_count = c.people, digest = substring(f.digest FROM 1 FOR 16) || int4send(c.people), updated_at = $1,
    revision = f.revision + 1
FROM counted c
WHERE f.case_id = c.case_id AND f.person_count <> c.people
RETURNING f.case_id, f.revision
