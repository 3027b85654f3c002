-- Employees' payments that count by the standard filter, by district and by what their employer is.
WITH payments AS (
    SELECT
        p.insu_admdvs,
        CASE
            WHEN e.emp_no IS NULL THEN '无单位'
            WHEN e.emp_type IN ('50', '55', '56', '57', '70', '82', '90', '91') THEN '2'
            WHEN e.emp_type IN ('9001', '9002', '9003', '9004', '9005', '9009') THEN '2'
            WHEN e.emp_type = '30' THEN '3'
            WHEN e.emp_type IN ('80', '81', '9006', '9007', '9901', '9939') THEN '9'
            ELSE '1'
        END AS kind,
        p.insutype_retr_flag,
        b.resd_natu,
        r.psn_no,
        r.emp_no,
        COALESCE(r.wag, 0) AS wag,
        r.emp_clct_amt,
        r.psn_clct_amt,
        COALESCE(r.emp_clct_into_acct_amt, 0) + COALESCE(r.psn_clct_into_acct_amt, 0) AS into_acct_amt,
        COALESCE(r.inte, 0) + COALESCE(r.latefee, 0) AS late_amt,
        r.clct_sumamt
    FROM staf_psn_clct_detl_d AS r
    JOIN psn_insu_d AS p ON p.psn_insu_rlts_id = r.psn_insu_rlts_id
    LEFT JOIN psn_info_b AS b ON b.psn_no = r.psn_no
    LEFT JOIN insu_emp_info_b AS e ON e.emp_no = r.emp_no
    WHERE
        p.psn_insu_stas = '1' AND p.insutype = '310' AND r.insutype = '310'
        AND r.clct_type = '10' AND r.clct_flag = '1' AND r.revs_flag = 'Z' AND r.clct_time < :until
        AND r.accrym_end >= SUBSTRING(CAST(:since AS VARCHAR), 1, 7)
        AND r.accrym_begn <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
)

SELECT
    insu_admdvs,
    kind,
    GROUPING(insu_admdvs) + GROUPING(kind) AS rolled,
    CAST(COUNT(DISTINCT emp_no) AS BIGINT) AS emp_cnt,
    CAST(COUNT(DISTINCT psn_no) AS BIGINT) AS psn_cnt,
    CAST(COUNT(DISTINCT CASE WHEN insutype_retr_flag = '0' THEN psn_no END) AS BIGINT) AS working_cnt,
    CAST(COUNT(DISTINCT CASE WHEN insutype_retr_flag <> '0' THEN psn_no END) AS BIGINT) AS retired_cnt,
    CAST(COUNT(DISTINCT CASE WHEN resd_natu IN ('20', '21', '22') THEN psn_no END) AS BIGINT) AS rural_cnt,
    CAST(COUNT(*) AS BIGINT) AS clct_cnt,
    CAST(SUM(wag) AS DECIMAL(18, 2)) AS wag,
    CAST(SUM(emp_clct_amt) AS DECIMAL(18, 2)) AS emp_clct_amt,
    CAST(SUM(psn_clct_amt) AS DECIMAL(18, 2)) AS psn_clct_amt,
    CAST(SUM(into_acct_amt) AS DECIMAL(18, 2)) AS into_acct_amt,
    CAST(SUM(late_amt) AS DECIMAL(18, 2)) AS late_amt,
    CAST(SUM(clct_sumamt) AS DECIMAL(18, 2)) AS clct_sumamt,
    CAST(ROUND(CAST(SUM(clct_sumamt) AS DECIMAL(38, 12)) / NULLIF(COUNT(DISTINCT psn_no), 0), 2) AS DECIMAL(18, 2))
        AS psn_average
FROM payments
GROUP BY GROUPING SETS ((insu_admdvs, kind), (insu_admdvs), (kind), ())
