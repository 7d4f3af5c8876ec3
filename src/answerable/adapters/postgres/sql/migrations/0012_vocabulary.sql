-- The words of an index as they are spelled, so that a misspelled question can be read.
--
-- Words are only added: whether one still occurs is what the postings of its term say. So a writer waits for
-- another only where both bring the same new word, and both take their words in the same order.

-- Folded, of letters alone, by the language of the documents they stand in.
CREATE TABLE word (
    tenant   text NOT NULL,
    no       bigint GENERATED ALWAYS AS IDENTITY,
    language text COLLATE "C" NOT NULL,
    word     text COLLATE "C" NOT NULL,
    term     bigint NOT NULL,               -- its stem's number in posting
    PRIMARY KEY (tenant, no)
);
CREATE UNIQUE INDEX word_once ON word (word, language, tenant);
SELECT protect('word', 'SELECT, INSERT, DELETE');

-- The keys under which a misspelled word finds it: text/spelling.py. A key is the first 64 bits of its BLAKE2b.
CREATE TABLE word_key (
    key    bigint NOT NULL,
    word   bigint NOT NULL,
    tenant text NOT NULL
);
CREATE INDEX word_key_key ON word_key (key, tenant) INCLUDE (word);
SELECT protect('word_key', 'SELECT, INSERT, DELETE');
