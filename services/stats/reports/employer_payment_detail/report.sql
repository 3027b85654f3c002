-- Payments of employers by the month that they are for: what was due, what had arrived by the end of the period, and
-- what was still owed.
WITH dues AS (
    SELECT
        r.insu_admdvs,
        r.emp_no,
        r.accrym_begn,
        r.insutype,
        r.clct_type,
        r.clct_psncnt,
        r.emp_clctstd_sumamt,
        r.emp_clct_amt,
        r.psn_clct_amt,
        COALESCE(r.oth_clct_amt, 0) AS oth_clct_amt,
        COALESCE(r.inte, 0) AS inte,
        COALESCE(r.latefee, 0) AS latefee,
        COALESCE(r.into_acct_amt, 0) AS into_acct_amt,
        r.amt,
        r.arvl_date,
        CASE WHEN r.clct_flag = '1' AND r.arvl_date < :until THEN 1 ELSE 0 END AS arrived
    FROM emp_clct_detl_d AS r
    WHERE
        r.revs_flag = 'Z' AND (:emp_no = '' OR r.emp_no = :emp_no)
        AND r.accrym_begn >= SUBSTRING(CAST(:since AS VARCHAR), 1, 7)
        AND r.accrym_begn <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
)

SELECT
    insu_admdvs,
    emp_no,
    accrym_begn,
    insutype,
    clct_type,
    GROUPING(insu_admdvs) + GROUPING(emp_no) + GROUPING(accrym_begn) + GROUPING(insutype) + GROUPING(clct_type)
        AS rolled,
    CAST(COUNT(*) AS BIGINT) AS clct_cnt,
    CAST(COALESCE(SUM(clct_psncnt), 0) AS BIGINT) AS clct_psncnt,
    CAST(COALESCE(SUM(emp_clctstd_sumamt), 0) AS DECIMAL(18, 2)) AS emp_clctstd_sumamt,
    CAST(SUM(emp_clct_amt) AS DECIMAL(18, 2)) AS emp_clct_amt,
    CAST(SUM(psn_clct_amt) AS DECIMAL(18, 2)) AS psn_clct_amt,
    CAST(SUM(oth_clct_amt) AS DECIMAL(18, 2)) AS oth_clct_amt,
    CAST(SUM(amt) AS DECIMAL(18, 2)) AS amt,
    CAST(SUM(CASE WHEN arrived = 1 THEN amt ELSE 0 END) AS DECIMAL(18, 2)) AS paid_amt,
    CAST(SUM(CASE WHEN arrived = 1 THEN 0 ELSE amt END) AS DECIMAL(18, 2)) AS owed_amt,
    CAST(SUM(CASE WHEN arrived = 1 THEN into_acct_amt ELSE 0 END) AS DECIMAL(18, 2)) AS into_acct_amt,
    CAST(SUM(inte) AS DECIMAL(18, 2)) AS inte,
    CAST(SUM(latefee) AS DECIMAL(18, 2)) AS latefee,
    MAX(CASE WHEN arrived = 1 THEN arvl_date END) AS arvl_date
FROM dues
GROUP BY GROUPING SETS (
    (insu_admdvs, emp_no, accrym_begn, insutype, clct_type), (insu_admdvs, emp_no), (insu_admdvs), (accrym_begn), ()
)
