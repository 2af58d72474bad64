-- Passages by their date, so that a word that most of them hold is looked for in the newest ones. Their vectors say the language and the type of terms as
-- well: all are gathered anew.

-- +goose Up
truncate search_terms, search_versions, search_texts, search_passages, search_stale;
insert into search_stale (number) select distinct substring(key from 1 for 4) from kv_timeline;

create index search_passages_since on search_passages (since, id);

-- How many passages hold a word decides how it is looked for.
alter table search_passages alter column words set statistics 1000;

-- Words that came in and are not in the tree of the index yet are read from end to end by each search.
alter index search_passages_words set (gin_pending_list_limit = 1024);
