-- Assessment indicators of grouping, settlement lists and review: every institution against its peers (medinslv).
-- Every indicator is a numerator over a denominator; a line is counted only where there is something to divide by.
-- meta: unit, what the quotient is multiplied by, and direction (1 more is better, -1 less is better, 0 no judgement).
-- Quantiles are the value at a rank (PERCENTILE_DISC); q1 and q3 are the medians of the lower and the upper half.
WITH meta AS (
    SELECT 'B01' AS indicator, '' AS unit, 1 AS factor, 1 AS direction
    UNION ALL
    SELECT 'B02', '', 1, -1
    UNION ALL
    SELECT 'B03', '', 1, -1
    UNION ALL
    SELECT 'B04', '%', 100, 1
    UNION ALL
    SELECT 'B05', '%', 100, 1
    UNION ALL
    SELECT 'B06', '%', 100, 1
    UNION ALL
    SELECT 'B07', '元', 1, -1
    UNION ALL
    SELECT 'B08', '%', 100, -1
),

cases AS (
    SELECT
        fixmedins_code,
        grp_code,
        wt,
        fee,
        COALESCE(ipt_days, 0) AS ipt_days,
        COALESCE(fund_acct_amt, 0) AS fund_acct_amt,
        COALESCE(std_pay_amt, 0) AS std_pay_amt
    FROM drg_case
    WHERE setl_time >= :since AND setl_time < :until AND insu_admdvs LIKE :region || '%'
),

city AS (
    SELECT grp_code, COUNT(*) AS n, SUM(fee) AS fee, SUM(ipt_days) AS ipt_days FROM cases GROUP BY grp_code
),

own AS (
    SELECT fixmedins_code, grp_code, SUM(fee) AS fee, SUM(ipt_days) AS ipt_days
    FROM cases
    GROUP BY fixmedins_code, grp_code
),

expected AS (
    SELECT
        own.fixmedins_code,
        CAST(ROUND(own.fee * city.n / NULLIF(city.fee, 0), 4) AS DECIMAL(18, 4)) AS fee_parts,
        CAST(ROUND(own.ipt_days * city.n / NULLIF(city.ipt_days, 0), 4) AS DECIMAL(18, 4)) AS day_parts
    FROM own
    INNER JOIN city ON own.grp_code = city.grp_code
),

grouped AS (
    SELECT
        fixmedins_code,
        COUNT(*) AS n,
        SUM(wt) AS wt,
        SUM(fund_acct_amt - std_pay_amt) AS gap
    FROM cases
    GROUP BY fixmedins_code
),

weighed AS (
    SELECT fixmedins_code, COALESCE(SUM(fee_parts), 0) AS fee_parts, COALESCE(SUM(day_parts), 0) AS day_parts
    FROM expected
    GROUP BY fixmedins_code
),

consumed AS (
    SELECT grouped.fixmedins_code, grouped.n, weighed.fee_parts, weighed.day_parts
    FROM grouped
    INNER JOIN weighed ON grouped.fixmedins_code = weighed.fixmedins_code
),

newest AS (
    SELECT fixmedins_code, setl_month, MAX(stt_date) AS stt_date
    FROM setl_list_upload
    WHERE CAST(setl_month || '-01' AS DATE) >= :since AND CAST(setl_month || '-01' AS DATE) < :until
    GROUP BY fixmedins_code, setl_month
),

uploaded AS (
    SELECT
        setl_list_upload.fixmedins_code,
        SUM(setl_list_upload.need_upld_cnt) AS need,
        SUM(setl_list_upload.upld_cnt) AS upld,
        SUM(COALESCE(setl_list_upload.qltctrl_pass_cnt, 0)) AS passed,
        SUM(COALESCE(setl_list_upload.grp_cnt, 0)) AS grp
    FROM setl_list_upload
    INNER JOIN newest
        ON
            setl_list_upload.fixmedins_code = newest.fixmedins_code
            AND setl_list_upload.setl_month = newest.setl_month
            AND setl_list_upload.stt_date = newest.stt_date
    GROUP BY setl_list_upload.fixmedins_code
),

reviewed AS (
    SELECT
        fixmedins_code,
        SUM(COALESCE(dedu_amt, 0)) AS dedu,
        SUM(fund_appy_sum) AS appy
    FROM medins_clr_sum_d
    WHERE
        CAST(clr_ym || '-01' AS DATE) >= :since AND CAST(clr_ym || '-01' AS DATE) < :until
        AND clr_optins LIKE :region || '%'
    GROUP BY fixmedins_code
),

parts AS (
    SELECT fixmedins_code, 'B01' AS indicator, CAST(wt AS DECIMAL(24, 4)) AS numerator,
        CAST(n AS DECIMAL(24, 4)) AS denominator
    FROM grouped
    UNION ALL
    SELECT fixmedins_code, 'B02' AS indicator, CAST(fee_parts AS DECIMAL(24, 4)) AS numerator,
        CAST(n AS DECIMAL(24, 4)) AS denominator
    FROM consumed
    UNION ALL
    SELECT fixmedins_code, 'B03' AS indicator, CAST(day_parts AS DECIMAL(24, 4)) AS numerator,
        CAST(n AS DECIMAL(24, 4)) AS denominator
    FROM consumed
    UNION ALL
    SELECT fixmedins_code, 'B04' AS indicator, CAST(upld AS DECIMAL(24, 4)) AS numerator,
        CAST(need AS DECIMAL(24, 4)) AS denominator
    FROM uploaded
    UNION ALL
    SELECT fixmedins_code, 'B05' AS indicator, CAST(passed AS DECIMAL(24, 4)) AS numerator,
        CAST(upld AS DECIMAL(24, 4)) AS denominator
    FROM uploaded
    UNION ALL
    SELECT fixmedins_code, 'B06' AS indicator, CAST(grp AS DECIMAL(24, 4)) AS numerator,
        CAST(upld AS DECIMAL(24, 4)) AS denominator
    FROM uploaded
    UNION ALL
    SELECT fixmedins_code, 'B07' AS indicator, CAST(gap AS DECIMAL(24, 4)) AS numerator,
        CAST(n AS DECIMAL(24, 4)) AS denominator
    FROM grouped
    UNION ALL
    SELECT fixmedins_code, 'B08' AS indicator, CAST(dedu AS DECIMAL(24, 4)) AS numerator,
        CAST(appy AS DECIMAL(24, 4)) AS denominator
    FROM reviewed
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
