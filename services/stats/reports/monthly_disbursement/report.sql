-- What was disbursed for which month (C0001). The split by fund is summed for each clearing before it is joined: a
-- clearing has several funds, and a plain join would count its amounts once for each.
WITH split AS (
    SELECT
        fee_clr_id,
        clr_appy_evt_id,
        SUM(CASE WHEN poolarea_fund_pay_type LIKE '3101%' THEN fund_payamt ELSE 0 END) AS emp_fund,
        SUM(CASE WHEN poolarea_fund_pay_type = '310200' THEN fund_payamt ELSE 0 END) AS acct_fund,
        SUM(CASE WHEN poolarea_fund_pay_type LIKE '32%' THEN fund_payamt ELSE 0 END) AS civil_fund,
        SUM(CASE WHEN poolarea_fund_pay_type LIKE '33%' THEN fund_payamt ELSE 0 END) AS large_fund,
        SUM(CASE WHEN poolarea_fund_pay_type LIKE '3901%' THEN fund_payamt ELSE 0 END) AS rsdt_fund,
        SUM(CASE WHEN poolarea_fund_pay_type LIKE '3902%' THEN fund_payamt ELSE 0 END) AS rsdt_large_fund,
        SUM(CASE WHEN poolarea_fund_pay_type LIKE '51%' THEN fund_payamt ELSE 0 END) AS matn_fund,
        SUM(CASE WHEN poolarea_fund_pay_type = '610100' THEN fund_payamt ELSE 0 END) AS maf_fund,
        SUM(fund_payamt) AS all_funds
    FROM clred_fund_sbit_d
    GROUP BY fee_clr_id, clr_appy_evt_id
),

paid AS (
    SELECT
        medins_clr_sum_d.clr_optins,
        medins_clr_sum_d.fixmedins_code,
        MAX(COALESCE(medins_clr_sum_d.fixmedins_name, '')) OVER (PARTITION BY medins_clr_sum_d.fixmedins_code)
            AS fixmedins_name,
        CASE
            WHEN medins_clr_sum_d.insutype IN ('310', '510') THEN '职工'
            WHEN medins_clr_sum_d.insutype = '390' THEN '居民'
            WHEN medins_clr_sum_d.insutype = '340' THEN '离休'
            ELSE '其他'
        END AS insured,
        medins_clr_sum_d.clr_ym,
        medins_clr_sum_d.medfee_sumamt,
        medins_clr_sum_d.fund_appy_sum,
        COALESCE(medins_clr_sum_d.dedu_amt, 0) AS dedu_amt,
        COALESCE(medins_clr_sum_d.dpst_sumamt, 0) AS dpst_sumamt,
        COALESCE(medins_clr_sum_d.act_dfr_amt, 0) AS act_dfr_amt,
        split.emp_fund,
        split.acct_fund,
        split.civil_fund,
        split.large_fund,
        split.rsdt_fund,
        split.rsdt_large_fund,
        split.matn_fund,
        split.maf_fund,
        split.all_funds
    FROM medins_clr_sum_d
    LEFT JOIN split
        ON medins_clr_sum_d.fee_clr_id = split.fee_clr_id AND medins_clr_sum_d.clr_appy_evt_id = split.clr_appy_evt_id
    WHERE
        medins_clr_sum_d.clr_stas = '60'
        AND CAST(medins_clr_sum_d.clr_ym || '-01' AS DATE) >= :since
        AND CAST(medins_clr_sum_d.clr_ym || '-01' AS DATE) < :until
)

SELECT
    clr_optins,
    fixmedins_code,
    fixmedins_name,
    insured,
    clr_ym,
    GROUPING(clr_optins) + GROUPING(fixmedins_code) + GROUPING(fixmedins_name) + GROUPING(insured) + GROUPING(clr_ym)
        AS rolled,
    CAST(COUNT(*) AS BIGINT) AS clr_cnt,
    CAST(COALESCE(SUM(medfee_sumamt), 0) AS DECIMAL(18, 2)) AS medfee_sumamt,
    CAST(COALESCE(SUM(fund_appy_sum), 0) AS DECIMAL(18, 2)) AS fund_appy_sum,
    CAST(COALESCE(SUM(dedu_amt), 0) AS DECIMAL(18, 2)) AS dedu_amt,
    CAST(COALESCE(SUM(dpst_sumamt), 0) AS DECIMAL(18, 2)) AS dpst_sumamt,
    CAST(COALESCE(SUM(act_dfr_amt), 0) AS DECIMAL(18, 2)) AS act_dfr_amt,
    CAST(COALESCE(SUM(emp_fund), 0) AS DECIMAL(18, 2)) AS emp_fund,
    CAST(COALESCE(SUM(acct_fund), 0) AS DECIMAL(18, 2)) AS acct_fund,
    CAST(COALESCE(SUM(civil_fund), 0) AS DECIMAL(18, 2)) AS civil_fund,
    CAST(COALESCE(SUM(large_fund), 0) AS DECIMAL(18, 2)) AS large_fund,
    CAST(COALESCE(SUM(rsdt_fund), 0) AS DECIMAL(18, 2)) AS rsdt_fund,
    CAST(COALESCE(SUM(rsdt_large_fund), 0) AS DECIMAL(18, 2)) AS rsdt_large_fund,
    CAST(COALESCE(SUM(matn_fund), 0) AS DECIMAL(18, 2)) AS matn_fund,
    CAST(COALESCE(SUM(maf_fund), 0) AS DECIMAL(18, 2)) AS maf_fund,
    CAST(
        COALESCE(
            SUM(
                all_funds - emp_fund - acct_fund - civil_fund - large_fund - rsdt_fund - rsdt_large_fund - matn_fund
                - maf_fund
            ), 0
        ) AS DECIMAL(18, 2)
    ) AS other_fund
FROM paid
GROUP BY
    GROUPING SETS (
        (clr_optins, fixmedins_code, fixmedins_name, insured, clr_ym), (clr_optins, fixmedins_code, fixmedins_name),
        (clr_optins), (insured), ()
    )
