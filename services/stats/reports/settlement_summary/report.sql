-- One line per group, and the total over everything where is_total is 1.
SELECT
    insutype,
    clr_type,
    setl_optins,
    GROUPING(insutype) AS is_total,
    COALESCE(SUM(CASE WHEN refd_setl_flag = '1' AND medfee_sumamt < 0 THEN 0 ELSE 1 END), 0) AS setl_cnt,
    COALESCE(SUM(CASE WHEN refd_setl_flag = '1' AND medfee_sumamt < 0 THEN 1 ELSE 0 END), 0) AS refd_cnt,
    COALESCE(SUM(medfee_sumamt), 0) AS medfee_sumamt,
    COALESCE(SUM(fund_pay_sumamt), 0) AS fund_pay_sumamt,
    COALESCE(SUM(acct_pay), 0) AS acct_pay,
    COALESCE(SUM(cash_payamt), 0) AS cash_payamt
FROM settlements
GROUP BY GROUPING SETS ((insutype, clr_type, setl_optins), ())
