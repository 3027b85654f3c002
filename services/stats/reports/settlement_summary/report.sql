-- The groups of 3201 (对总账): a line for each, and the total. A refund is a negative row that takes the amounts back and
-- is counted apart.
WITH counted AS (
    SELECT
        insutype,
        clr_type,
        setl_optins,
        CASE WHEN refd_setl_flag = '1' AND medfee_sumamt < 0 THEN 1 ELSE 0 END AS refund,
        medfee_sumamt,
        fund_pay_sumamt,
        acct_pay,
        cash_payamt
    FROM hospital_ledger
    WHERE setl_time >= :since AND setl_time < :until
)

SELECT
    insutype,
    clr_type,
    setl_optins,
    GROUPING(insutype) + GROUPING(clr_type) + GROUPING(setl_optins) AS rolled,
    CAST(COALESCE(SUM(1 - refund), 0) AS BIGINT) AS setl_cnt,
    CAST(COALESCE(SUM(refund), 0) AS BIGINT) AS refd_cnt,
    CAST(COALESCE(SUM(medfee_sumamt), 0) AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(COALESCE(SUM(fund_pay_sumamt), 0) AS DECIMAL(18, 2)) AS fund_pay_sumamt,
    CAST(COALESCE(SUM(acct_pay), 0) AS DECIMAL(18, 2)) AS acct_pay,
    CAST(COALESCE(SUM(cash_payamt), 0) AS DECIMAL(18, 2)) AS cash_payamt
FROM counted
GROUP BY GROUPING SETS ((insutype, clr_type, setl_optins), ())
