WITH wanted AS (SELECT DISTINCT key FROM unnest($1::uuid[]) AS k (key)),
-- most keys have a handful of records
near AS (
    SELECT k.key, l.source_id, l.record_id
    FROM wanted k
    CROSS JOIN LATERAL (SELECT * FROM petitiond.link_key l WHERE l.key = k.key LIMIT $2) l
),
crowded AS (SELECT key FROM near GROUP BY key HAVING count(*) >= $2),
-- of a key that names a record that is or was there, all: a seal passes to every one of them
owned AS (
    SELECT key FROM crowded k
    WHERE EXISTS (SELECT FROM petitiond.link_key l WHERE l.key = k.key AND l.role IN (0, 3))
),
-- of any other that a source gives to all its records, as many as show that it says nothing
far AS (
    SELECT l.source_id, l.record_id
    FROM (SELECT key FROM crowded EXCEPT SELECT key FROM owned) k
    CROSS JOIN petitiond.source s
    CROSS JOIN generate_series(0, 7) AS r (role)
    CROSS JOIN LATERAL (
        SELECT l.source_id, l.record_id FROM petitiond.link_key l
        WHERE l.key = k.key AND l.role = r.role::smallint AND l.source_id = s.source_id
        ORDER BY l.record_id LIMIT $3
    ) l
),
holders AS (
    SELECT source_id, record_id FROM near n WHERE NOT EXISTS (SELECT FROM crowded c WHERE c.key = n.key)
    UNION
    SELECT source_id, record_id FROM far
    UNION
    SELECT l.source_id, l.record_id FROM petitiond.link_key l JOIN owned USING (key)
)
-- row by row: however many the planner expects, there are few
SELECT s.* FROM holders h
CROSS JOIN LATERAL (
    SELECT * FROM petitiond.source_record s WHERE (s.source_id, s.record_id) = (h.source_id, h.record_id) OFFSET 0
) s
