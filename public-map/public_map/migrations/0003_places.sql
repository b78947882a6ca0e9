-- What the search knows: towns and villages of the register, streets of imported addresses, and `settlement` for the
-- addresses of a village without streets, which is no answer by itself.
create table named_place (
    id integer primary key,
    -- 'register' or 'addresses': each is replaced as a whole
    source text not null,
    kind text not null,
    name text not null,
    -- of a street, the town or village it is in
    locality text,
    gmina text not null,
    powiat text not null,
    voivodeship text not null,
    longitude double precision not null,
    latitude double precision not null,
    people integer not null,
    -- the name, and all that may be typed with it, in the letters a to z and digits
    folded text not null,
    folded_whole text not null,
    own_words tsvector not null generated always as (to_tsvector('simple'::regconfig, folded)) stored,
    words tsvector not null generated always as (to_tsvector('simple'::regconfig, folded_whole)) stored,
    place geometry(point, 4326) not null
        generated always as (st_setsrid(st_makepoint(longitude, latitude), 4326)) stored
);
create index named_place_own_words on named_place using gin (own_words) with (fastupdate = off);
create index named_place_words on named_place using gin (words) with (fastupdate = off);
create index named_place_settled on named_place using gist (place) where kind in ('city', 'village');

create table address (
    named_place integer not null,
    -- as people write it, in small letters
    number text collate "C" not null,
    longitude double precision not null,
    latitude double precision not null,
    primary key (named_place, number)
);

-- What was imported, so that the same is not imported again.
create table gazetteer (
    source text primary key,
    sha256 text not null,
    places integer not null,
    addresses integer not null
);
