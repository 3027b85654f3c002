-- Assessment indicators of cost and structure: every institution against its peers (medinslv).
-- Every indicator is a numerator over a denominator; a line is counted only where there is something to divide by.
-- meta: unit, what the quotient is multiplied by, and direction (1 more is better, -1 less is better, 0 no judgement).
-- Quantiles are the value at a rank (PERCENTILE_DISC); q1 and q3 are the medians of the lower and the upper half.
WITH meta AS (
    SELECT 'A01' AS indicator, '元' AS unit, 1 AS factor, -1 AS direction
    UNION ALL
    SELECT 'A02', '元', 1, -1
    UNION ALL
    SELECT 'A03', '元', 1, -1
    UNION ALL
    SELECT 'A04', '次/人', 1, -1
    UNION ALL
    SELECT 'A05', '%', 100, -1
    UNION ALL
    SELECT 'A06', '%', 100, -1
    UNION ALL
    SELECT 'A07', '%', 100, -1
    UNION ALL
    SELECT 'A08', '%', 100, -1
    UNION ALL
    SELECT 'A09', '%', 100, -1
    UNION ALL
    SELECT 'A10', '%', 100, -1
    UNION ALL
    SELECT 'A11', '%', 100, 1
    UNION ALL
    SELECT 'A12', '%', 100, 1
    UNION ALL
    SELECT 'A13', '天', 1, -1
    UNION ALL
    SELECT 'A14', '%', 100, 0
    UNION ALL
    SELECT 'A15', '次/人', 1, 0
    UNION ALL
    SELECT 'A16', '%', 100, -1
),

valid AS (
    SELECT
        setl_id,
        mdtrt_id,
        psn_no,
        fixmedins_code,
        CAST(begndate AS DATE) AS begndate,
        CAST(enddate AS DATE) AS enddate,
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
        fixmedins_code,
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
        SUM(CASE WHEN care = '3' THEN days ELSE 0 END) AS ipt_days
    FROM valid
    GROUP BY fixmedins_code
),

lines AS (
    SELECT
        valid.fixmedins_code,
        SUM(CASE WHEN fee_list_d.med_chrgitm_type IN ('09', '10', '11') THEN fee_list_d.det_item_fee_sumamt ELSE 0 END)
            AS drugs,
        SUM(CASE WHEN fee_list_d.med_chrgitm_type IN ('03', '04') THEN fee_list_d.det_item_fee_sumamt ELSE 0 END)
            AS tests,
        SUM(CASE WHEN fee_list_d.list_type LIKE '3%' THEN fee_list_d.det_item_fee_sumamt ELSE 0 END) AS supplies,
        SUM(CASE WHEN fee_list_d.hilist_code = :item THEN fee_list_d.cnt ELSE 0 END) AS item_cnt,
        SUM(CASE WHEN fee_list_d.hilist_code = :item THEN 1 ELSE 0 END) AS item_lines
    FROM fee_list_d
    INNER JOIN valid ON fee_list_d.setl_id = valid.setl_id
    WHERE fee_list_d.vali_flag = '1'
    GROUP BY valid.fixmedins_code
),

shares AS (
    SELECT
        sums.fixmedins_code,
        sums.fee,
        sums.heads,
        lines.drugs,
        lines.tests,
        lines.supplies,
        lines.item_cnt,
        lines.item_lines
    FROM sums
    INNER JOIN lines ON sums.fixmedins_code = lines.fixmedins_code
),

diagnosed AS (
    SELECT mdtrt_id, MAX(dscg_maindiag_code) AS diagnosis FROM mdtrt_d GROUP BY mdtrt_id
),

stays AS (
    SELECT
        setl_d.setl_id,
        setl_d.mdtrt_id,
        setl_d.psn_no,
        setl_d.fixmedins_code,
        CAST(setl_d.begndate AS DATE) AS begndate,
        CAST(setl_d.enddate AS DATE) AS enddate,
        setl_d.setl_time,
        diagnosed.diagnosis
    FROM setl_d
    INNER JOIN diagnosed ON setl_d.mdtrt_id = diagnosed.mdtrt_id
    WHERE
        setl_d.vali_flag = '1' AND setl_d.refd_setl_flag = '0' AND setl_d.insu_admdvs LIKE :region || '%'
        AND setl_d.fixmedins_code NOT LIKE 'P%'
        AND (
            setl_d.med_type IN ('13', '21', '22', '23', '24', '52', '92') OR setl_d.med_type LIKE '21%'
        )
),

again AS (
    SELECT DISTINCT first_stay.setl_id
    FROM stays AS first_stay
    INNER JOIN stays AS next_stay
        ON first_stay.psn_no = next_stay.psn_no AND first_stay.diagnosis = next_stay.diagnosis
    WHERE
        first_stay.mdtrt_id <> next_stay.mdtrt_id AND next_stay.begndate >= first_stay.enddate
        AND date_diff('day', first_stay.enddate, next_stay.begndate) <= 30
),

readmitted AS (
    SELECT
        stays.fixmedins_code,
        COUNT(again.setl_id) AS back,
        COUNT(*) AS stays
    FROM stays
    LEFT JOIN again ON stays.setl_id = again.setl_id
    WHERE stays.setl_time >= :since AND stays.setl_time < :until
    GROUP BY stays.fixmedins_code
),

parts AS (
    SELECT fixmedins_code, 'A01' AS indicator, CAST(fee AS DECIMAL(24, 4)) AS numerator,
        CAST(visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A02' AS indicator, CAST(ipt_fee AS DECIMAL(24, 4)) AS numerator,
        CAST(ipt_visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A03' AS indicator, CAST(listed AS DECIMAL(24, 4)) AS numerator,
        CAST(visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A04' AS indicator, CAST(visits AS DECIMAL(24, 4)) AS numerator,
        CAST(heads AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A08' AS indicator, CAST(ipt_zifei AS DECIMAL(24, 4)) AS numerator,
        CAST(ipt_fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A09' AS indicator, CAST(zifei AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A10' AS indicator, CAST(borne AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A11' AS indicator, CAST(fund AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A12' AS indicator, CAST(fund AS DECIMAL(24, 4)) AS numerator,
        CAST(inscp AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A13' AS indicator, CAST(ipt_days AS DECIMAL(24, 4)) AS numerator,
        CAST(ipt_visits AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A14' AS indicator, CAST(outside_fund AS DECIMAL(24, 4)) AS numerator,
        CAST(fund AS DECIMAL(24, 4)) AS denominator
    FROM sums
    UNION ALL
    SELECT fixmedins_code, 'A05' AS indicator, CAST(drugs AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM shares
    UNION ALL
    SELECT fixmedins_code, 'A06' AS indicator, CAST(tests AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM shares
    UNION ALL
    SELECT fixmedins_code, 'A07' AS indicator, CAST(supplies AS DECIMAL(24, 4)) AS numerator,
        CAST(fee AS DECIMAL(24, 4)) AS denominator
    FROM shares
    UNION ALL
    SELECT fixmedins_code, 'A15' AS indicator, CAST(item_cnt AS DECIMAL(24, 4)) AS numerator,
        CAST(heads AS DECIMAL(24, 4)) AS denominator
    FROM shares
    WHERE item_lines > 0
    UNION ALL
    SELECT fixmedins_code, 'A16' AS indicator, CAST(back AS DECIMAL(24, 4)) AS numerator,
        CAST(stays AS DECIMAL(24, 4)) AS denominator
    FROM readmitted
),

figures AS (
    SELECT
        parts.fixmedins_code,
        COALESCE(fixmedins_b.fixmedins_name, '') AS fixmedins_name,
        COALESCE(fixmedins_b.medinslv, '') AS medinslv,
        parts.indicator,
        meta.unit,
        meta.direction,
        parts.numerator,
        parts.denominator,
        CAST(ROUND(parts.numerator * meta.factor / NULLIF(parts.denominator, 0), 4) AS DECIMAL(18, 4)) AS value
    FROM parts
    INNER JOIN meta ON parts.indicator = meta.indicator
    LEFT JOIN fixmedins_b ON parts.fixmedins_code = fixmedins_b.fixmedins_code
    WHERE parts.denominator <> 0
),

ranked AS (
    SELECT
        medinslv,
        indicator,
        value,
        ROW_NUMBER() OVER (PARTITION BY medinslv, indicator ORDER BY value ASC, fixmedins_code ASC) AS r,
        COUNT(*) OVER (PARTITION BY medinslv, indicator) AS n
    FROM figures
    WHERE medinslv <> ''
),

marks AS (
    SELECT
        medinslv,
        indicator,
        MAX(n) AS peers,
        MAX(CASE WHEN 10 * r >= n AND 10 * r < n + 10 THEN value END) AS p10,
        MAX(CASE WHEN 4 * r + 1 >= n AND 4 * r < n + 3 THEN value END) AS q1,
        MAX(CASE WHEN 2 * r >= n AND 2 * r < n + 2 THEN value END) AS q2,
        MAX(CASE WHEN 4 * r >= 3 * n AND 4 * r < 3 * n + 4 THEN value END) AS q3,
        MAX(CASE WHEN 10 * r >= 9 * n AND 10 * r < 9 * n + 10 THEN value END) AS p90
    FROM ranked
    GROUP BY medinslv, indicator
),

judged AS (
    SELECT medinslv, indicator, p10, q1, q2, q3, p90 FROM marks WHERE peers >= 5
)

SELECT
    figures.fixmedins_code,
    figures.fixmedins_name,
    figures.indicator,
    0 AS rolled,
    figures.medinslv,
    figures.unit,
    CAST(figures.numerator AS DECIMAL(18, 4)) AS numerator,
    CAST(figures.denominator AS DECIMAL(18, 4)) AS denominator,
    CAST(figures.value AS DECIMAL(18, 4)) AS value,
    CAST(COALESCE(marks.peers, 0) AS BIGINT) AS peers,
    CAST(judged.p10 AS DECIMAL(18, 4)) AS p10,
    CAST(judged.q1 AS DECIMAL(18, 4)) AS q1,
    CAST(judged.q2 AS DECIMAL(18, 4)) AS q2,
    CAST(judged.q3 AS DECIMAL(18, 4)) AS q3,
    CAST(judged.p90 AS DECIMAL(18, 4)) AS p90,
    CASE
        WHEN judged.q2 IS NULL THEN NULL
        WHEN figures.value < judged.p10 THEN '低于P10'
        WHEN figures.value < judged.q1 THEN 'P10-Q1'
        WHEN figures.value <= judged.q3 THEN 'Q1-Q3'
        WHEN figures.value <= judged.p90 THEN 'Q3-P90'
        ELSE '高于P90'
    END AS band,
    CASE
        WHEN judged.q2 IS NULL THEN NULL
        WHEN (figures.value - judged.q3) * 2 > (judged.q3 - judged.q1) * 3 THEN '是'
        ELSE '否'
    END AS outlier,
    CASE
        WHEN figures.direction = 0 OR judged.p90 <= judged.p10 THEN NULL
        WHEN figures.value <= judged.p10 THEN CAST(75 - figures.direction * 25 AS DECIMAL(18, 2))
        WHEN figures.value >= judged.p90 THEN CAST(75 + figures.direction * 25 AS DECIMAL(18, 2))
        ELSE CAST(
            ROUND(
                75 - figures.direction * 25
                + figures.direction * 50 * (figures.value - judged.p10) / NULLIF(judged.p90 - judged.p10, 0), 2
            ) AS DECIMAL(18, 2)
        )
    END AS score
FROM figures
LEFT JOIN marks ON figures.medinslv = marks.medinslv AND figures.indicator = marks.indicator
LEFT JOIN judged ON figures.medinslv = judged.medinslv AND figures.indicator = judged.indicator
