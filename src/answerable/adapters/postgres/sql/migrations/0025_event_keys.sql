-- The log is read in order of time: so its key is in that order.

ALTER TABLE event DROP CONSTRAINT event_pkey;
ALTER TABLE event ADD PRIMARY KEY (tenant, at, id);
