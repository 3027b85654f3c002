-- Assessment indicators of the city and of each district of participation; level 1 is the city as a whole.
-- Every indicator is a numerator over a denominator; a line is counted only where there is something to divide by.
WITH meta AS (
    SELECT 'C01' AS indicator, '%' AS unit, 100 AS factor
    UNION ALL
    SELECT 'C02', '%', 100
    UNION ALL
    SELECT 'C03', '%', 100
    UNION ALL
    SELECT 'C04', '%', 100
    UNION ALL
    SELECT 'C05', '元', 1
    UNION ALL
    SELECT 'C06', '元', 1
    UNION ALL
    SELECT 'C07', '元', 1
    UNION ALL
    SELECT 'C08', '次/人', 1
    UNION ALL
    SELECT 'C09', '%', 100
    UNION ALL
    SELECT 'C10', '%', 100
    UNION ALL
    SELECT 'C11', '%', 100
    UNION ALL
    SELECT 'C12', '%', 100
    UNION ALL
    SELECT 'C13', '天', 1
    UNION ALL
    SELECT 'C14', '元', 1
    UNION ALL
    SELECT 'C15', '%', 100
    UNION ALL
    SELECT 'C16', '%', 100
    UNION ALL
    SELECT 'C17', '%', 100
),

valid AS (
    SELECT
        setl_id,
        psn_no,
        fixmedins_code,
        insu_admdvs,
        CASE WHEN fix_blng_admdvs = insu_admdvs THEN fund_pay_sumamt ELSE 0 END AS county_fund,
        CASE
            WHEN fixmedins_code LIKE 'P%' AND med_type IN ('14', '41') THEN '4'
            WHEN fixmedins_code LIKE 'P%' THEN '9'
            WHEN med_type IN ('11', '12', '51') THEN '1'
            WHEN med_type = '14' OR med_type LIKE '91%' THEN '2'
            WHEN med_type IN ('13', '21', '22', '23', '24', '52', '92') OR med_type LIKE '21%' THEN '3'
            ELSE '9'
        END AS care,
        medfee_sumamt,
        fund_pay_sumamt,
        COALESCE(inscp_amt, 0) AS inscp_amt,
        COALESCE(fulamt_ownpay_amt, 0) AS zifei,
        medfee_sumamt - COALESCE(fulamt_ownpay_amt, 0) - COALESCE(overlmt_selfpay, 0) - COALESCE(preselfpay_amt, 0)
            AS listed,
        medfee_sumamt - COALESCE(hifp_pay, 0)
        - CASE
            WHEN insutype = '390' THEN COALESCE(hifmi_pay, 0) + COALESCE(maf_pay, 0)
            ELSE COALESCE(cvlserv_pay, 0) + COALESCE(hifob_pay, 0)
        END AS borne,
        CASE
            WHEN SUBSTRING(fix_blng_admdvs, 1, 4) <> SUBSTRING(insu_admdvs, 1, 4) THEN fund_pay_sumamt ELSE 0
        END AS outside_fund,
        date_diff('day', CAST(begndate AS DATE), CAST(enddate AS DATE)) + 1 AS days
    FROM setl_d
    WHERE
        vali_flag = '1' AND refd_setl_flag = '0' AND setl_time >= :since AND setl_time < :until
        AND insu_admdvs LIKE :region || '%'
),

sums AS (
    SELECT
        valid.insu_admdvs,
        GROUPING(valid.insu_admdvs) AS level,
        COUNT(*) AS visits,
        COUNT(DISTINCT psn_no) AS heads,
        SUM(medfee_sumamt) AS fee,
        SUM(fund_pay_sumamt) AS fund,
        SUM(inscp_amt) AS inscp,
        SUM(zifei) AS zifei,
        SUM(listed) AS listed,
        SUM(borne) AS borne,
        SUM(outside_fund) AS outside_fund,
        SUM(CASE WHEN care = '3' THEN 1 ELSE 0 END) AS ipt_visits,
        SUM(CASE WHEN care = '3' THEN medfee_sumamt ELSE 0 END) AS ipt_fee,
        SUM(CASE WHEN care = '3' THEN zifei ELSE 0 END) AS ipt_zifei,
        SUM(CASE WHEN care = '3' THEN days ELSE 0 END) AS ipt_days,
        SUM(valid.county_fund) AS county_fund,
        SUM(CASE WHEN valid.care IN ('1', '2', '3') THEN 1 ELSE 0 END) AS treated,
        SUM(CASE WHEN valid.care IN ('1', '2', '3') AND fixmedins_b.medinslv = '1' THEN 1 ELSE 0 END) AS basic
    FROM valid
    LEFT JOIN fixmedins_b ON valid.fixmedins_code = fixmedins_b.fixmedins_code
    GROUP BY GROUPING SETS ((valid.insu_admdvs), ())
),

lines AS (
    SELECT
        valid.insu_admdvs,
        GROUPING(valid.insu_admdvs) AS level,
        SUM(CASE WHEN fee_list_d.med_chrgitm_type IN ('09', '10', '11') THEN fee_list_d.det_item_fee_sumamt ELSE 0 END)
            AS drugs,
        SUM(CASE WHEN fee_list_d.med_chrgitm_type IN ('03', '04') THEN fee_list_d.det_item_fee_sumamt ELSE 0 END)
            AS tests,
        SUM(CASE WHEN fee_list_d.list_type LIKE '3%' THEN fee_list_d.det_item_fee_sumamt ELSE 0 END) AS supplies
    FROM fee_list_d
    INNER JOIN valid ON fee_list_d.setl_id = valid.setl_id
    WHERE fee_list_d.vali_flag = '1'
    GROUP BY GROUPING SETS ((valid.insu_admdvs), ())
),

shares AS (
    SELECT
        sums.insu_admdvs,
        sums.level,
        sums.fee,
        lines.drugs,
        lines.tests,
        lines.supplies
    FROM sums
    INNER JOIN lines
        ON sums.level = lines.level AND COALESCE(sums.insu_admdvs, '') = COALESCE(lines.insu_admdvs, '')
),

insured AS (
    SELECT
        insu_admdvs,
        GROUPING(insu_admdvs) AS level,
        COUNT(DISTINCT psn_no) AS heads
    FROM psn_insu_d
    WHERE
        psn_insu_stas = '1' AND insutype IN ('310', '390') AND psn_insu_date < :until
        AND insu_admdvs LIKE :region || '%'
    GROUP BY GROUPING SETS ((insu_admdvs), ())
),

covered AS (
    SELECT
        insured.insu_admdvs,
        insured.level,
        insured.heads,
        COALESCE(sums.ipt_visits, 0) AS ipt_visits,
        COALESCE(sums.fund, 0) AS fund
    FROM insured
    LEFT JOIN sums
        ON insured.level = sums.level AND COALESCE(insured.insu_admdvs, '') = COALESCE(sums.insu_admdvs, '')
),

parts AS (
    SELECT insu_admdvs, level, 'C01' AS indicator, CAST(ipt_visits AS DECIMAL(24, 4)) AS numerator,
        CAST(heads AS DECIMAL(24, 4)) AS denominator
    FROM covered
    UNION ALL
    SELECT insu_admdvs, level, 'C02' AS indicator, CAST(basic AS DECIMAL(24, 4)) AS numerator,
        CAST(treated AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C03' AS indicator, CAST(county_fund AS DECIMAL(24, 4)) AS numerator,
        CAST(fund AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C04' AS indicator, CAST(outside_fund AS DECIMAL(24, 4)) AS numerator,
        CAST(fund AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C05' AS indicator, CAST(fee AS DECIMAL(24, 4)) AS numerator,
        CAST(visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C06' AS indicator, CAST(ipt_fee AS DECIMAL(24, 4)) AS numerator,
        CAST(ipt_visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C07' AS indicator, CAST(listed AS DECIMAL(24, 4)) AS numerator,
        CAST(visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C08' AS indicator, CAST(visits AS DECIMAL(24, 4)) AS numerator,
        CAST(heads AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C09' AS indicator, CAST(ipt_zifei AS DECIMAL(24, 4)) AS numerator,
        CAST(ipt_fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C10' AS indicator, CAST(borne AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C11' AS indicator, CAST(fund AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C12' AS indicator, CAST(fund AS DECIMAL(24, 4)) AS numerator,
        CAST(inscp AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C13' AS indicator, CAST(ipt_days AS DECIMAL(24, 4)) AS numerator,
        CAST(ipt_visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT insu_admdvs, level, 'C14' AS indicator, CAST(fund AS DECIMAL(24, 4)) AS numerator,
        CAST(heads AS DECIMAL(24, 4)) AS denominator
    FROM covered
    UNION ALL
    SELECT insu_admdvs, level, 'C15' AS indicator, CAST(drugs AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM shares
    UNION ALL
    SELECT insu_admdvs, level, 'C16' AS indicator, CAST(tests AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM shares
    UNION ALL
    SELECT insu_admdvs, level, 'C17' AS indicator, CAST(supplies AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM shares
)

SELECT
    parts.insu_admdvs,
    parts.indicator,
    parts.level AS rolled,
    meta.unit,
    CAST(parts.numerator AS DECIMAL(18, 4)) AS numerator,
    CAST(parts.denominator AS DECIMAL(18, 4)) AS denominator,
    CAST(ROUND(parts.numerator * meta.factor / NULLIF(parts.denominator, 0), 4) AS DECIMAL(18, 4)) AS value
FROM parts
INNER JOIN meta ON parts.indicator = meta.indicator
WHERE parts.denominator <> 0
