-- Lines of a text file that is too long to be blamed: whoever wrote them, they are among the lines written and not among
-- those that stand, and a report says how many. 0 for every other file.
ALTER TABLE line_shares ADD COLUMN IF NOT EXISTS left_out UInt32 AFTER lines;
