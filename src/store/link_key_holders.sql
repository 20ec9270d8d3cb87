WITH wanted AS (SELECT DISTINCT key FROM unnest($1::uuid[]) AS k (key)),
-- most keys have a handful of records
near AS (
    SELECT k.key, l.record
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
    SELECT k.key, l.record
    FROM (SELECT key FROM crowded EXCEPT SELECT key FROM owned) k
    -- which roles and sources there are, from one to the next through the index
    CROSS JOIN LATERAL (
        WITH RECURSIVE part AS (
            (SELECT role, source FROM petitiond.link_key WHERE key = k.key ORDER BY role, source LIMIT 1)
            UNION ALL
            SELECT n.role, n.source
            FROM part p
            CROSS JOIN LATERAL (
                SELECT l.role, l.source FROM petitiond.link_key l
                WHERE l.key = k.key AND (l.role, l.source) > (p.role, p.source)
                ORDER BY l.role, l.source LIMIT 1
            ) n
        )
        SELECT role, source FROM part
    ) p
    CROSS JOIN LATERAL (
        SELECT l.record FROM petitiond.link_key l
        WHERE l.key = k.key AND l.role = p.role AND l.source = p.source
        ORDER BY l.record LIMIT $3
    ) l
)
SELECT key, record FROM near n WHERE NOT EXISTS (SELECT FROM crowded c WHERE c.key = n.key)
UNION
SELECT key, record FROM far
UNION
SELECT l.key, l.record FROM petitiond.link_key l JOIN owned USING (key)
