-- Photos of erased words, until their store has none of them. Not of those that another report has, too.
create table erased_photo (
    name text primary key
);
create index words_with_photo on words using gin (photos) where photos <> '{}';
