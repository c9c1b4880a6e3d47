-- Lists of leads by name and by place, in order without sorting; the columns that people filter by follow.
CREATE INDEX leads_by_name ON leads (name, lead_id, is_open, region, state);
CREATE INDEX leads_by_place ON leads (region, lead_id, is_open, state);
