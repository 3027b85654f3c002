-- Births and other maternity in hospital. The kind of birth stands in the visit; visits are made one row each before
-- they are joined, so that a visit that was reported twice does not count a settlement twice.
WITH visits AS (
    SELECT mdtrt_id, MAX(matn_type) AS matn_type FROM mdtrt_d GROUP BY mdtrt_id
),

valid AS (
    SELECT
        setl_d.insu_admdvs,
        setl_d.insutype,
        COALESCE(visits.matn_type, '未填') AS matn_type,
        setl_d.psn_no,
        setl_d.medfee_sumamt,
        COALESCE(setl_d.hifp_pay, 0) AS hifp_pay,
        setl_d.fund_pay_sumamt,
        setl_d.acct_pay,
        setl_d.cash_payamt,
        COALESCE(setl_d.fulamt_ownpay_amt, 0) AS zifei,
        date_diff('day', CAST(setl_d.begndate AS DATE), CAST(setl_d.enddate AS DATE)) + 1 AS days
    FROM setl_d
    LEFT JOIN visits ON setl_d.mdtrt_id = visits.mdtrt_id
    WHERE
        setl_d.vali_flag = '1' AND setl_d.refd_setl_flag = '0' AND setl_d.med_type = '52'
        AND setl_d.setl_time >= :since AND setl_d.setl_time < :until AND setl_d.insu_admdvs LIKE :region || '%'
),

summed AS (
    SELECT
        insu_admdvs,
        insutype,
        matn_type,
        GROUPING(insu_admdvs) + GROUPING(insutype) + GROUPING(matn_type) AS rolled,
        COUNT(*) AS setl_cnt,
        COUNT(DISTINCT psn_no) AS psn_cnt,
        COALESCE(SUM(medfee_sumamt), 0) AS medfee_sumamt,
        COALESCE(SUM(hifp_pay), 0) AS hifp_pay,
        COALESCE(SUM(fund_pay_sumamt), 0) AS fund_pay_sumamt,
        COALESCE(SUM(acct_pay), 0) AS acct_pay,
        COALESCE(SUM(cash_payamt), 0) AS cash_payamt,
        COALESCE(SUM(zifei), 0) AS zifei,
        COALESCE(SUM(days), 0) AS ipt_days
    FROM valid
    GROUP BY
        GROUPING SETS (
            (insu_admdvs, insutype, matn_type), (insu_admdvs, insutype), (insu_admdvs), (insutype), (matn_type), ()
        )
)

SELECT
    insu_admdvs,
    insutype,
    matn_type,
    rolled,
    CAST(setl_cnt AS BIGINT) AS setl_cnt,
    CAST(psn_cnt AS BIGINT) AS psn_cnt,
    CAST(medfee_sumamt AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(hifp_pay AS DECIMAL(18, 2)) AS hifp_pay,
    CAST(fund_pay_sumamt AS DECIMAL(18, 2)) AS fund_pay_sumamt,
    CAST(acct_pay AS DECIMAL(18, 2)) AS acct_pay,
    CAST(cash_payamt AS DECIMAL(18, 2)) AS cash_payamt,
    CAST(zifei AS DECIMAL(18, 2)) AS zifei,
    CAST(ipt_days AS BIGINT) AS ipt_days,
    CAST(ROUND(medfee_sumamt / NULLIF(setl_cnt, 0), 2) AS DECIMAL(18, 2)) AS avg_fee,
    CAST(ROUND(ipt_days / NULLIF(setl_cnt, 0), 2) AS DECIMAL(18, 2)) AS avg_days,
    CAST(ROUND(fund_pay_sumamt / NULLIF(medfee_sumamt, 0), 6) AS DECIMAL(18, 6)) AS fund_share
FROM summed
