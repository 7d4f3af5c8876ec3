-- What a recorded conflict says, and what its owner made of it.

ALTER TABLE conflict
    ADD COLUMN left_text  text NOT NULL DEFAULT '',  -- the sentences, word for word
    ADD COLUMN right_text text NOT NULL DEFAULT '',
    ADD COLUMN state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'resolved')),
    ADD COLUMN note       text NOT NULL DEFAULT '',  -- why
    ADD COLUMN decided_by text NOT NULL DEFAULT '',
    ADD COLUMN decided_at timestamptz;
CREATE INDEX conflict_standing ON conflict (tenant) WHERE closed_at IS NULL;
