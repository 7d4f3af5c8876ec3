-- The words of an index come in bulk, after the documents that bring them (`tend`), and the keys under which a misspelled
-- word finds them are packed: a key was a row and an index entry of 90 bytes together, and is 12 bytes now.
--
-- Words are found anew, from the chunks, when an index is tended the next time.

DROP TABLE word_key;
DROP TABLE word;

-- Folded, of letters alone, by the language of the documents they stand in.
CREATE TABLE word (
    tenant   tenant_name NOT NULL,
    no       bigint GENERATED ALWAYS AS IDENTITY,
    language text COLLATE "C" NOT NULL,
    word     text COLLATE "C" NOT NULL,
    term     bigint NOT NULL,               -- its stem's number in the postings
    PRIMARY KEY (no, tenant)
);
CREATE UNIQUE INDEX word_once ON word (word, language, tenant);
SELECT protect('word', 'SELECT, INSERT, DELETE');

-- The keys (text/spelling.py) that fall into a bucket: of each its 32-bit hash and the number of its word, int4 and int8 in
-- network byte order. What comes later is appended.
CREATE TABLE word_bucket (
    tenant tenant_name NOT NULL,
    bucket integer NOT NULL,                -- a hash's first 14 bits
    keys   bytea NOT NULL,
    PRIMARY KEY (tenant, bucket)
);
ALTER TABLE word_bucket ALTER COLUMN keys SET STORAGE EXTERNAL;
SELECT protect('word_bucket', 'SELECT, INSERT, UPDATE, DELETE');

-- Up to which chunk an index's words are known.
CREATE TABLE word_mark (
    tenant tenant_name PRIMARY KEY,
    chunk  bigint NOT NULL
);
SELECT protect('word_mark', 'SELECT, INSERT, UPDATE, DELETE');
