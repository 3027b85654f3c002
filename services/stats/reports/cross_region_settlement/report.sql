-- Settlements outside the city of participation. Which registration a settlement goes by: the one in force on the first
-- day of treatment; of several the latest, so that a settlement is counted once however many there are.
WITH outside AS (
    SELECT
        setl_id,
        psn_no,
        insutype,
        begndate,
        CASE WHEN SUBSTRING(fix_blng_admdvs, 1, 2) = SUBSTRING(insu_admdvs, 1, 2) THEN '省内' ELSE '跨省' END AS reach,
        CASE WHEN pay_loc = '1' THEN '零星报销' ELSE '直接结算' END AS way,
        CASE
            WHEN fixmedins_code LIKE 'P%' AND med_type IN ('14', '41') THEN '4'
            WHEN fixmedins_code LIKE 'P%' THEN '9'
            WHEN med_type IN ('11', '12', '51') THEN '1'
            WHEN med_type = '14' OR med_type LIKE '91%' THEN '2'
            WHEN med_type IN ('13', '21', '22', '23', '24', '52', '92') OR med_type LIKE '21%' THEN '3'
            ELSE '9'
        END AS care,
        medfee_sumamt,
        COALESCE(hifp_pay, 0) AS hifp_pay,
        fund_pay_sumamt,
        acct_pay,
        cash_payamt,
        COALESCE(fulamt_ownpay_amt, 0) AS zifei
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND setl_time >= :since AND setl_time < :until
        AND insu_admdvs LIKE :region || '%'
        AND SUBSTRING(fix_blng_admdvs, 1, 4) <> SUBSTRING(insu_admdvs, 1, 4)
),

matched AS (
    SELECT
        outside.setl_id,
        out_appy_d.rloc_rea,
        ROW_NUMBER() OVER (
            PARTITION BY outside.setl_id ORDER BY out_appy_d.crte_time DESC, out_appy_d.evtsn DESC
        ) AS place
    FROM outside
    INNER JOIN out_appy_d ON outside.psn_no = out_appy_d.psn_no AND outside.insutype = out_appy_d.insutype
    WHERE
        out_appy_d.vali_flag = '1' AND out_appy_d.begndate <= outside.begndate
        AND (out_appy_d.enddate IS NULL OR out_appy_d.enddate >= outside.begndate)
),

named AS (
    SELECT
        outside.reach,
        outside.way,
        COALESCE(latest.rloc_rea, '未备案') AS rloc_rea,
        outside.care,
        outside.psn_no,
        outside.medfee_sumamt,
        outside.hifp_pay,
        outside.fund_pay_sumamt,
        outside.acct_pay,
        outside.cash_payamt,
        outside.zifei
    FROM outside
    LEFT JOIN (SELECT setl_id, rloc_rea FROM matched WHERE place = 1) AS latest ON outside.setl_id = latest.setl_id
),

summed AS (
    SELECT
        reach,
        way,
        rloc_rea,
        care,
        GROUPING(reach) + GROUPING(way) + GROUPING(rloc_rea) + GROUPING(care) AS rolled,
        COUNT(*) AS setl_cnt,
        COUNT(DISTINCT psn_no) AS psn_cnt,
        COALESCE(SUM(medfee_sumamt), 0) AS medfee_sumamt,
        COALESCE(SUM(hifp_pay), 0) AS hifp_pay,
        COALESCE(SUM(fund_pay_sumamt), 0) AS fund_pay_sumamt,
        COALESCE(SUM(acct_pay), 0) AS acct_pay,
        COALESCE(SUM(cash_payamt), 0) AS cash_payamt,
        COALESCE(SUM(zifei), 0) AS zifei
    FROM named
    GROUP BY GROUPING SETS ((reach, way, rloc_rea, care), (reach, way), (reach), (rloc_rea), (care), ())
)

SELECT
    reach,
    way,
    rloc_rea,
    care,
    rolled,
    CAST(setl_cnt AS BIGINT) AS setl_cnt,
    CAST(psn_cnt AS BIGINT) AS psn_cnt,
    CAST(medfee_sumamt AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(hifp_pay AS DECIMAL(18, 2)) AS hifp_pay,
    CAST(fund_pay_sumamt AS DECIMAL(18, 2)) AS fund_pay_sumamt,
    CAST(acct_pay AS DECIMAL(18, 2)) AS acct_pay,
    CAST(cash_payamt AS DECIMAL(18, 2)) AS cash_payamt,
    CAST(zifei AS DECIMAL(18, 2)) AS zifei,
    CAST(ROUND(medfee_sumamt / NULLIF(setl_cnt, 0), 2) AS DECIMAL(18, 2)) AS avg_fee,
    CAST(ROUND(fund_pay_sumamt / NULLIF(medfee_sumamt, 0), 6) AS DECIMAL(18, 6)) AS fund_share
FROM summed
