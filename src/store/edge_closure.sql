-- everything that edges of some margin and decisions "same" join, and what stands between any two of it
WITH RECURSIVE reached AS (
    SELECT id FROM unnest($1::uuid[]) AS k (id)
    UNION
    SELECT near.other_id
    FROM reached r
    -- one step through the index at a time, however many the planner expects
    CROSS JOIN LATERAL (
        SELECT e.other_id FROM petitiond.edge e WHERE e.node_id = r.id AND e.margin >= $2
        UNION ALL
        SELECT s.other_id FROM petitiond.standing s WHERE s.node_id = r.id AND s.verdict = 'same'
        OFFSET 0
    ) near
)
SELECT near.node_id, near.other_id, near.margin, near.decision_id, near.verdict
FROM reached r
CROSS JOIN LATERAL (
    SELECT e.node_id, e.other_id, e.margin, NULL::bigint AS decision_id, NULL::text AS verdict
    FROM petitiond.edge e
    WHERE e.node_id = r.id AND e.margin >= $2 AND e.other_id > e.node_id
    UNION ALL
    SELECT s.node_id, s.other_id, 0, s.decision_id, s.verdict
    FROM petitiond.standing s
    WHERE s.node_id = r.id AND s.other_id > s.node_id
    OFFSET 0
) near
ORDER BY 1, 2, 4
