WITH records AS (
    SELECT count(*) AS source_records, count(*) FILTER (WHERE deleted) AS deleted, count(*) FILTER (WHERE incomplete) AS incomplete,
           count(*) FILTER (WHERE kind = 'petition' AND entity_id IS NOT NULL) AS filings
    FROM petitiond.source_record
), petitions AS (
    SELECT count(*) AS petitions, count(*) FILTER (WHERE is_sealed) AS sealed_petitions,
           coalesce(sum(transfer_count), 0)::bigint AS transfers, count(*) FILTER (WHERE has_transfer_loop) AS transfer_loops
    FROM petitiond.petition
)
SELECT r.source_records, r.deleted, r.incomplete, p.petitions, p.sealed_petitions, r.filings,
       (SELECT count(*) FROM petitiond.reception) AS receptions,
       (SELECT count(*) FROM petitiond.case_file) AS cases,
       p.transfers, p.transfer_loops,
       (SELECT count(*) FROM petitiond.quarantine WHERE state = 'held') AS quarantined,
       (SELECT seq FROM petitiond.feed_head) AS last_seq
FROM records r CROSS JOIN petitions p
