-- One assessment a line, whatever became of it: what was rolled back is listed too, and left out of the sum that
-- stands.
WITH actions AS (
    SELECT
        COALESCE(r.asses_type, '未填') AS asses_type,
        r.emp_clct_detl_id,
        r.emp_no,
        e.emp_name,
        r.insutype,
        r.cashym,
        r.accrym_begn,
        r.accrym_end,
        r.asses_stas,
        r.asses_time,
        r.opter_id,
        COALESCE(r.clct_psncnt, 0) AS clct_psncnt,
        COALESCE(r.emp_clctstd_sumamt, 0) AS emp_clctstd_sumamt,
        r.emp_clct_paraval,
        r.psn_clct_paraval,
        r.emp_clct_amt,
        r.psn_clct_amt,
        r.amt,
        CASE WHEN r.revs_flag = 'Z' AND COALESCE(r.asses_stas, '') <> '2' THEN 1 ELSE 0 END AS stands
    FROM emp_clct_detl_d AS r
    LEFT JOIN insu_emp_info_b AS e ON e.emp_no = r.emp_no
    WHERE r.asses_time >= :since AND r.asses_time < :until
)

SELECT
    asses_type,
    emp_clct_detl_id,
    GROUPING(asses_type) + GROUPING(emp_clct_detl_id) AS rolled,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(emp_no) END AS emp_no,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(emp_name) END AS emp_name,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(insutype) END AS insutype,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(cashym) END AS cashym,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(accrym_begn) END AS accrym_begn,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(accrym_end) END AS accrym_end,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(asses_stas) END AS asses_stas,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN CAST(MAX(asses_time) AS DATE) END AS asses_date,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN MAX(opter_id) END AS opter_id,
    CAST(COUNT(*) AS BIGINT) AS asses_cnt,
    CAST(SUM(1 - stands) AS BIGINT) AS undone_cnt,
    CAST(SUM(clct_psncnt) AS BIGINT) AS clct_psncnt,
    CAST(SUM(emp_clctstd_sumamt) AS DECIMAL(18, 2)) AS emp_clctstd_sumamt,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN CAST(MAX(emp_clct_paraval) AS DECIMAL(9, 4)) END AS emp_clct_paraval,
    CASE WHEN GROUPING(emp_clct_detl_id) = 0 THEN CAST(MAX(psn_clct_paraval) AS DECIMAL(9, 4)) END AS psn_clct_paraval,
    CAST(SUM(emp_clct_amt) AS DECIMAL(18, 2)) AS emp_clct_amt,
    CAST(SUM(psn_clct_amt) AS DECIMAL(18, 2)) AS psn_clct_amt,
    CAST(SUM(amt) AS DECIMAL(18, 2)) AS amt,
    CAST(SUM(CASE WHEN stands = 1 THEN amt ELSE 0 END) AS DECIMAL(18, 2)) AS standing_amt
FROM actions
GROUP BY GROUPING SETS ((asses_type, emp_clct_detl_id), (asses_type), ())
