-- edges in one direction that no decision settles
WITH open AS (
    SELECT e.node_id, e.other_id, e.margin
    FROM petitiond.edge e
    WHERE e.node_id < e.other_id
      AND NOT EXISTS (SELECT FROM petitiond.standing s WHERE s.node_id = e.node_id AND s.other_id = e.other_id)
), under AS (
    SELECT * FROM open WHERE margin < 0 AND margin >= $1 ORDER BY margin DESC, node_id, other_id LIMIT $2
), over AS (
    SELECT * FROM open WHERE margin >= 0 ORDER BY margin, node_id, other_id LIMIT $2
), apart AS (
    SELECT * FROM open WHERE margin < $1 ORDER BY margin DESC, node_id, other_id LIMIT $2
)
SELECT * FROM under UNION ALL SELECT * FROM over UNION ALL SELECT * FROM apart
