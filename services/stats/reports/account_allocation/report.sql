-- What payments put into personal accounts, by district and working or retired, and beside it what the accounts booked.
-- The two come from different systems with different dates, so they are rows of their own and not joined.
WITH facts AS (
    SELECT
        r.insu_admdvs,
        p.insutype_retr_flag,
        r.psn_no AS paid_psn,
        COALESCE(r.emp_clct_into_acct_amt, 0) AS emp_clct_into_acct_amt,
        COALESCE(r.psn_clct_into_acct_amt, 0) AS psn_clct_into_acct_amt,
        CAST(NULL AS VARCHAR) AS booked_psn,
        CAST(0 AS DECIMAL(18, 2)) AS inc_sumamt,
        CAST(0 AS DECIMAL(18, 2)) AS repaired_amt
    FROM staf_psn_clct_detl_d AS r
    JOIN psn_insu_d AS p ON p.psn_insu_rlts_id = r.psn_insu_rlts_id
    WHERE
        r.insutype = '310' AND p.insutype = '310'
        AND r.clct_flag = '1' AND r.revs_flag = 'Z' AND r.clct_time >= :since AND r.clct_time < :until
    UNION ALL
    SELECT
        a.insu_admdvs,
        COALESCE(p.insutype_retr_flag, '未填'),
        NULL,
        0,
        0,
        a.psn_no,
        a.inc_sumamt,
        CASE WHEN a.acct_incexpd_type = '3' THEN a.inc_sumamt ELSE 0 END
    FROM acct_inc_detl_d AS a
    LEFT JOIN (
        SELECT psn_no, MAX(insutype_retr_flag) AS insutype_retr_flag
        FROM psn_insu_d
        WHERE insutype = '310' AND psn_insu_stas NOT IN ('0', '3')
        GROUP BY psn_no
    ) AS p ON p.psn_no = a.psn_no
    WHERE a.insutype = '310' AND a.crte_time >= :since AND a.crte_time < :until
)

SELECT
    insu_admdvs,
    insutype_retr_flag,
    GROUPING(insu_admdvs) + GROUPING(insutype_retr_flag) AS rolled,
    CAST(COUNT(DISTINCT paid_psn) AS BIGINT) AS psn_cnt,
    CAST(SUM(emp_clct_into_acct_amt) AS DECIMAL(18, 2)) AS emp_clct_into_acct_amt,
    CAST(SUM(psn_clct_into_acct_amt) AS DECIMAL(18, 2)) AS psn_clct_into_acct_amt,
    CAST(SUM(emp_clct_into_acct_amt + psn_clct_into_acct_amt) AS DECIMAL(18, 2)) AS into_acct_amt,
    CAST(
        ROUND(
            CAST(SUM(emp_clct_into_acct_amt + psn_clct_into_acct_amt) AS DECIMAL(38, 12))
            / NULLIF(COUNT(DISTINCT paid_psn), 0), 2
        ) AS DECIMAL(18, 2)
    ) AS psn_average,
    CAST(COUNT(DISTINCT booked_psn) AS BIGINT) AS booked_cnt,
    CAST(SUM(inc_sumamt) AS DECIMAL(18, 2)) AS inc_sumamt,
    CAST(SUM(repaired_amt) AS DECIMAL(18, 2)) AS repaired_amt
FROM facts
GROUP BY GROUPING SETS ((insu_admdvs, insutype_retr_flag), (insu_admdvs), (insutype_retr_flag), ())
