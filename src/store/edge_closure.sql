WITH RECURSIVE reached AS (
    SELECT id FROM unnest($1::uuid[]) AS k (id)
    UNION
    SELECT near.other_id
    FROM reached r
    -- one step through the index at a time, however many the planner expects
    CROSS JOIN LATERAL (SELECT e.other_id FROM petitiond.edge e WHERE e.node_id = r.id AND e.margin >= $2 OFFSET 0) near
)
SELECT near.node_id, near.other_id, near.margin, NULL::bigint AS decision_id, NULL::text AS verdict
FROM reached r
CROSS JOIN LATERAL (
    SELECT e.node_id, e.other_id, e.margin
    FROM petitiond.edge e
    WHERE e.node_id = r.id AND e.margin >= $2 AND e.other_id > e.node_id
    OFFSET 0
) near
UNION ALL
-- all at once: there are few of them beside the records
SELECT s.node_id, s.other_id, 0, s.decision_id, s.verdict
FROM reached r JOIN petitiond.standing s ON s.node_id = r.id
ORDER BY 1, 2, 4
