-- name: open_snapshot
-- First in a snapshot: what is searched. Compiling a plan (jit) costs more
-- than any of these searches; ef_search is how many vectors the graph keeps in view; pgvector 0.7 has no iterative
-- scan, and an exact search follows wherever the graph gives too few.
-- What is searched are the rows of the active index: open_index goes first, and the others wait for its name.
SELECT o.tenant, m.no AS model, m.dim, s.chunks, s.terms,
       m.dim IS NOT NULL AND to_regclass(format('embedding_hnsw_%%s', m.dim)) IS NOT NULL AS graph
  FROM (SELECT open_index(%(tenant)s, '', false) AS tenant OFFSET 0) AS o
 CROSS JOIN (SELECT set_config('jit', 'off', true), set_config('hnsw.ef_search', %(ef_search)s, true),
               (SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true) FROM pg_extension
                 WHERE extname = 'vector' AND string_to_array(extversion, '.')::int[] >= '{0,8}')) AS settings
 CROSS JOIN LATERAL (SELECT coalesce(sum(chunks), 0)::bigint AS chunks, coalesce(sum(terms), 0)::bigint AS terms
                       FROM index_size WHERE tenant = o.tenant) AS s
  LEFT JOIN LATERAL (SELECT no, dim FROM embedding_model WHERE tenant = o.tenant AND active OFFSET 0) AS m ON true;

-- name: count_readable
-- How much of a tenant a scope sees.
SELECT (SELECT count(*) FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s)) AS seen,
       (SELECT count(*) FROM document WHERE tenant = %(tenant)s) AS total;

-- name: count_seen
-- In how many of the chunks that hold a term, as pairs of both, the scope may look.
SELECT u.term, count(*) AS seen
  FROM unnest(%(terms)b::bigint[], %(chunks)b::bigint[]) AS u (term, chunk)
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.no = u.chunk
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d ON d.no = c.document
 GROUP BY u.term;

-- name: list_readable
-- The searched chunks that a scope sees, as int8 numbers in network byte order.
SELECT string_agg(int8send(c.no), '') AS chunks
  FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.document = d.no AND c.level = 0;

-- name: read_ranked
-- The best of these chunks that the scope may see.
SELECT u.score, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, nullif(c.meta, '{}'), d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{}')
  FROM unnest(%(chunks)b::bigint[], %(scores)b::float8[]) AS u (chunk, score)
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.no = u.chunk
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d ON d.no = c.document
 ORDER BY u.score DESC, u.chunk LIMIT %(limit)b;

-- name: search_vectors
-- Exact: compare every vector of the tenant, then look which of the nearest the scope may see. The distance is made
-- where the vector is read, before anything is joined: to carry vectors through a join costs as much as comparing them.
-- The inner product of unit vectors is their cosine.
WITH best AS MATERIALIZED (
    SELECT e.chunk, e.document, e.vector <#> %(vector)b::halfvec AS distance
      FROM embedding AS e
     WHERE e.tenant = %(tenant)s AND e.model = %(model)s
     ORDER BY distance, e.chunk LIMIT %(pool)b
)
SELECT -b.distance, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, nullif(c.meta, '{}'), d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{}')
  FROM best AS b
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d ON d.no = b.document
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.no = b.chunk
 ORDER BY b.distance, b.chunk LIMIT %(limit)b;

-- name: search_vectors_within
-- The other way round, for a scope that sees little: first what it may see, then the nearest of that.
WITH allowed AS MATERIALIZED (
    SELECT no FROM readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s)
), best AS MATERIALIZED (
    SELECT e.chunk, e.vector <#> %(vector)b::halfvec AS distance
      FROM allowed AS a
      JOIN embedding AS e ON e.tenant = %(tenant)s AND e.document = a.no AND e.model = %(model)s
     ORDER BY distance, e.chunk LIMIT %(limit)b
)
SELECT -b.distance, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, nullif(c.meta, '{}'), d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{}')
  FROM best AS b
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.no = b.chunk
  JOIN document AS d ON d.tenant = %(tenant)s AND d.no = c.document
 ORDER BY b.distance, b.chunk;

-- name: search_graph
-- Approximate: the pool nearest by the HNSW index, then which of those the scope may see. {dim} is a literal, as
-- the index has it.
WITH best AS MATERIALIZED (
    SELECT e.chunk, e.document, e.vector::halfvec({dim}) <#> %(vector)b::halfvec({dim}) AS distance
      FROM embedding AS e
     WHERE e.tenant = %(tenant)s AND e.model = %(model)s AND e.dim = {dim}
     ORDER BY e.vector::halfvec({dim}) <#> %(vector)b::halfvec({dim}) LIMIT %(pool)b
)
SELECT -b.distance, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, nullif(c.meta, '{{}}'), d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{{}}')
  FROM best AS b
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d ON d.no = b.document
  JOIN chunk AS c ON c.tenant = %(tenant)s AND c.no = b.chunk
 ORDER BY b.distance, b.chunk LIMIT %(limit)b;

-- name: get_chunks
-- By id, of any level.
SELECT 0::float8, d.id, c.start_at, c.end_at, c.text, c.headings, c.level, c.parent, c.tokens, nullif(c.meta, '{}'), d.title,
       d.uri, d.source, d.language, d.updated_at, d.review_by, d.trust, d.version, nullif(d.meta - ARRAY['links_within', 'anchors'], '{}')
  FROM chunk AS c
  JOIN readable(%(groups)s, %(statuses)s, %(sources)s, %(languages)s, %(documents)s, %(wanted)s) AS d ON d.no = c.document
 WHERE c.tenant = %(tenant)s AND c.id = ANY (%(ids)s);
