-- One line per category, a total: what happened to articles, and what became of suggestions.
WITH happened AS (
    SELECT
        COALESCE(category, '未归类') AS category,
        born_cnt, published_cnt, retired_cnt + merged_cnt AS gone_cnt, viewed_cnt, helpful_cnt, unhelpful_cnt,
        0 AS suggested_cnt, 0 AS adopted_cnt, 0 AS refused_cnt
    FROM desk_article_day
    WHERE day >= :since AND day < :until
    UNION ALL
    SELECT COALESCE(category, '未归类') AS category, 0, 0, 0, 0, 0, 0, 1, 0, 0
    FROM desk_suggestion
    WHERE made_on >= :since AND made_on < :until
    UNION ALL
    SELECT
        COALESCE(category, '未归类') AS category, 0, 0, 0, 0, 0, 0, 0,
        CASE WHEN verdict IN ('accepted', 'edited') THEN 1 ELSE 0 END,
        CASE WHEN verdict = 'rejected' THEN 1 ELSE 0 END
    FROM desk_suggestion
    WHERE judged_on >= :since AND judged_on < :until
)
SELECT
    category,
    GROUPING(category) AS rolled,
    CAST(COALESCE(SUM(born_cnt), 0) AS BIGINT) AS born_cnt,
    CAST(COALESCE(SUM(published_cnt), 0) AS BIGINT) AS published_cnt,
    CAST(COALESCE(SUM(gone_cnt), 0) AS BIGINT) AS gone_cnt,
    CAST(COALESCE(SUM(viewed_cnt), 0) AS BIGINT) AS viewed_cnt,
    CAST(COALESCE(SUM(helpful_cnt), 0) AS BIGINT) AS helpful_cnt,
    CAST(COALESCE(SUM(unhelpful_cnt), 0) AS BIGINT) AS unhelpful_cnt,
    CAST(COALESCE(SUM(suggested_cnt), 0) AS BIGINT) AS suggested_cnt,
    CAST(COALESCE(SUM(adopted_cnt), 0) AS BIGINT) AS adopted_cnt,
    CAST(COALESCE(SUM(refused_cnt), 0) AS BIGINT) AS refused_cnt,
    CAST(ROUND(CAST(SUM(adopted_cnt) AS DECIMAL(38,12)) / NULLIF(SUM(adopted_cnt) + SUM(refused_cnt), 0), 6) AS DECIMAL(18,6)) AS adopted_rate
FROM happened
GROUP BY GROUPING SETS ((category), ())
