-- edges in one direction; what is decided already takes nobody's place
WITH one_way AS (
    SELECT node_id, other_id, margin FROM petitiond.edge WHERE node_id < other_id
), many AS (
    SELECT $2::bigint + count(*) AS most FROM petitiond.decision
), under AS (
    SELECT * FROM one_way WHERE margin < 0 AND margin >= $1 ORDER BY margin DESC, node_id, other_id LIMIT (SELECT most FROM many)
), over AS (
    SELECT * FROM one_way WHERE margin >= 0 ORDER BY margin, node_id, other_id LIMIT (SELECT most FROM many)
), apart AS (
    SELECT * FROM one_way WHERE margin < $1 ORDER BY margin DESC, node_id, other_id LIMIT (SELECT most FROM many)
)
SELECT * FROM under UNION ALL SELECT * FROM over UNION ALL SELECT * FROM apart
