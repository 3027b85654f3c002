-- What employers owed for the months of the period and what has arrived, an employer and insurance a line.
-- The employers that a subtotal counts are each counted once, however many months and insurances they owe for.
WITH dues AS (
    SELECT
        CASE
            WHEN e.emp_type IN ('50', '55', '56', '57', '70', '82', '90', '91') THEN '2'
            WHEN e.emp_type IN ('9001', '9002', '9003', '9004', '9005', '9009') THEN '2'
            WHEN e.emp_type = '30' THEN '3'
            WHEN e.emp_type IN ('80', '81', '9006', '9007', '9901', '9939') THEN '9'
            ELSE '1'
        END AS kind,
        r.emp_no,
        e.emp_name,
        r.insutype,
        r.accrym_begn,
        COALESCE(r.clct_psncnt, 0) AS clct_psncnt,
        COALESCE(r.staf_totlwag, 0) AS staf_totlwag,
        COALESCE(r.emp_clctstd_sumamt, 0) AS emp_clctstd_sumamt,
        r.amt,
        CASE WHEN r.clct_flag = '1' THEN r.amt ELSE 0 END AS paid_amt,
        CASE WHEN r.clct_flag = '1' THEN 0 ELSE r.amt END AS owed_amt,
        COALESCE(r.latefee, 0) AS latefee,
        CASE WHEN r.clct_flag = '1' THEN COALESCE(r.into_acct_amt, 0) ELSE 0 END AS into_acct_amt,
        r.arvl_date
    FROM emp_clct_detl_d AS r
    JOIN insu_emp_info_b AS e ON e.emp_no = r.emp_no
    WHERE
        r.revs_flag = 'Z'
        AND r.accrym_begn >= SUBSTRING(CAST(:since AS VARCHAR), 1, 7)
        AND r.accrym_begn <= SUBSTRING(CAST(:until - INTERVAL '1' DAY AS VARCHAR), 1, 7)
)

SELECT
    kind,
    emp_no,
    insutype,
    GROUPING(kind) + GROUPING(emp_no) + GROUPING(insutype) AS rolled,
    CASE WHEN GROUPING(emp_no) = 0 THEN MAX(emp_name) END AS emp_name,
    CAST(COUNT(DISTINCT emp_no) AS BIGINT) AS emp_cnt,
    CAST(COUNT(DISTINCT CASE WHEN owed_amt > 0 THEN emp_no END) AS BIGINT) AS owing_cnt,
    CAST(COUNT(DISTINCT accrym_begn) AS BIGINT) AS month_cnt,
    CAST(COUNT(DISTINCT CASE WHEN owed_amt > 0 THEN accrym_begn END) AS BIGINT) AS owed_month_cnt,
    CAST(SUM(clct_psncnt) AS BIGINT) AS clct_psncnt,
    CAST(SUM(staf_totlwag) AS DECIMAL(18, 2)) AS staf_totlwag,
    CAST(SUM(emp_clctstd_sumamt) AS DECIMAL(18, 2)) AS emp_clctstd_sumamt,
    CAST(SUM(amt) AS DECIMAL(18, 2)) AS amt,
    CAST(SUM(paid_amt) AS DECIMAL(18, 2)) AS paid_amt,
    CAST(SUM(owed_amt) AS DECIMAL(18, 2)) AS owed_amt,
    CAST(ROUND(CAST(SUM(paid_amt) AS DECIMAL(38, 12)) / NULLIF(SUM(amt), 0), 6) AS DECIMAL(18, 6)) AS paid_share,
    CAST(SUM(latefee) AS DECIMAL(18, 2)) AS latefee,
    CAST(SUM(into_acct_amt) AS DECIMAL(18, 2)) AS into_acct_amt,
    MAX(arvl_date) AS arvl_date
FROM dues
GROUP BY GROUPING SETS ((kind, emp_no, insutype), (kind), ())
