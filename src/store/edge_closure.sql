WITH RECURSIVE reached AS (
    SELECT id FROM unnest($1::uuid[]) AS k (id)
    UNION
    SELECT near.other_id
    FROM reached r
    -- one step through the index at a time, however many the planner expects
    CROSS JOIN LATERAL (SELECT e.other_id FROM petitiond.edge e WHERE e.node_id = r.id AND e.margin >= $2 OFFSET 0) near
)
SELECT near.node_id, near.other_id, near.margin
FROM reached r
CROSS JOIN LATERAL (
    SELECT e.node_id, e.other_id, e.margin
    FROM petitiond.edge e
    WHERE e.node_id = r.id AND e.margin >= $2 AND e.other_id > e.node_id
    OFFSET 0
) near
ORDER BY 1, 2
