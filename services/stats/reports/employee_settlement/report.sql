-- What employees and pensioners were treated for and who paid, by district, status, kind of care, level of hospital.
WITH valid AS (
    SELECT
        insu_admdvs,
        CASE SUBSTRING(psn_type, 1, 2) WHEN '11' THEN '在职' WHEN '12' THEN '退休' ELSE '其他' END AS status,
        CASE
            WHEN fixmedins_code LIKE 'P%' AND med_type IN ('14', '41') THEN '4'
            WHEN fixmedins_code LIKE 'P%' THEN '9'
            WHEN med_type IN ('11', '12', '51') THEN '1'
            WHEN med_type = '14' OR med_type LIKE '91%' THEN '2'
            WHEN med_type IN ('13', '21', '22', '23', '24', '52', '92') OR med_type LIKE '21%' THEN '3'
            ELSE '9'
        END AS care,
        COALESCE(dedc_hosp_lv, '未填') AS dedc_hosp_lv,
        psn_no,
        medfee_sumamt,
        COALESCE(inscp_amt, 0) AS inscp_amt,
        COALESCE(hifp_pay, 0) AS hifp_pay,
        COALESCE(hifob_pay, 0) AS hifob_pay,
        COALESCE(cvlserv_pay, 0) AS cvlserv_pay,
        fund_pay_sumamt,
        acct_pay,
        cash_payamt,
        COALESCE(fulamt_ownpay_amt, 0) AS zifei,
        medfee_sumamt - COALESCE(hifp_pay, 0) - COALESCE(hifob_pay, 0) - COALESCE(cvlserv_pay, 0)
        - COALESCE(fulamt_ownpay_amt, 0) AS zifu,
        date_diff('day', CAST(begndate AS DATE), CAST(enddate AS DATE)) + 1 AS days
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND insutype = '310'
        AND setl_time >= :since AND setl_time < :until AND insu_admdvs LIKE :region || '%'
),

summed AS (
    SELECT
        insu_admdvs,
        status,
        care,
        dedc_hosp_lv,
        GROUPING(insu_admdvs) + GROUPING(status) + GROUPING(care) + GROUPING(dedc_hosp_lv) AS rolled,
        COUNT(*) AS setl_cnt,
        COUNT(DISTINCT psn_no) AS psn_cnt,
        COALESCE(SUM(medfee_sumamt), 0) AS medfee_sumamt,
        COALESCE(SUM(inscp_amt), 0) AS inscp_amt,
        COALESCE(SUM(hifp_pay), 0) AS hifp_pay,
        COALESCE(SUM(hifob_pay), 0) AS hifob_pay,
        COALESCE(SUM(cvlserv_pay), 0) AS cvlserv_pay,
        COALESCE(SUM(fund_pay_sumamt), 0) AS fund_pay_sumamt,
        COALESCE(SUM(acct_pay), 0) AS acct_pay,
        COALESCE(SUM(cash_payamt), 0) AS cash_payamt,
        COALESCE(SUM(zifu), 0) AS zifu,
        COALESCE(SUM(zifei), 0) AS zifei,
        COALESCE(SUM(CASE WHEN acct_pay > zifu THEN acct_pay - zifu ELSE 0 END), 0) AS muluwai,
        COALESCE(SUM(CASE WHEN care = '3' THEN days ELSE 0 END), 0) AS ipt_days,
        COALESCE(SUM(CASE WHEN hifob_pay <> 0 THEN 1 ELSE 0 END), 0) AS hifob_cnt,
        COALESCE(SUM(CASE WHEN cvlserv_pay <> 0 THEN 1 ELSE 0 END), 0) AS cvlserv_cnt
    FROM valid
    GROUP BY
        GROUPING SETS (
            (insu_admdvs, status, care, dedc_hosp_lv), (insu_admdvs, status), (insu_admdvs), (status, care), (care), ()
        )
)

SELECT
    insu_admdvs,
    status,
    care,
    dedc_hosp_lv,
    rolled,
    CAST(setl_cnt AS BIGINT) AS setl_cnt,
    CAST(psn_cnt AS BIGINT) AS psn_cnt,
    CAST(medfee_sumamt AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(hifp_pay AS DECIMAL(18, 2)) AS hifp_pay,
    CAST(hifob_pay AS DECIMAL(18, 2)) AS hifob_pay,
    CAST(cvlserv_pay AS DECIMAL(18, 2)) AS cvlserv_pay,
    CAST(fund_pay_sumamt - hifp_pay - hifob_pay - cvlserv_pay AS DECIMAL(18, 2)) AS other_fund,
    CAST(fund_pay_sumamt AS DECIMAL(18, 2)) AS fund_pay_sumamt,
    CAST(acct_pay AS DECIMAL(18, 2)) AS acct_pay,
    CAST(cash_payamt AS DECIMAL(18, 2)) AS cash_payamt,
    CAST(zifu AS DECIMAL(18, 2)) AS zifu,
    CAST(zifei AS DECIMAL(18, 2)) AS zifei,
    CAST(muluwai AS DECIMAL(18, 2)) AS muluwai,
    CAST(ipt_days AS BIGINT) AS ipt_days,
    CAST(hifob_cnt AS BIGINT) AS hifob_cnt,
    CAST(cvlserv_cnt AS BIGINT) AS cvlserv_cnt,
    CAST(ROUND(medfee_sumamt / NULLIF(setl_cnt, 0), 2) AS DECIMAL(18, 2)) AS avg_fee,
    CAST(ROUND(fund_pay_sumamt / NULLIF(medfee_sumamt, 0), 6) AS DECIMAL(18, 6)) AS fund_share,
    CAST(ROUND(fund_pay_sumamt / NULLIF(inscp_amt, 0), 6) AS DECIMAL(18, 6)) AS scope_share
FROM summed
