/**
 * Which runs are seen: the one text that finding, pivots and views share.
 *
 * A run counts in its scenario, by the scenario's name. The executions of a name lie over each other as layers, newest on top, down to and
 * including the newest completed one; for each step, year and iteration the topmost layer that has it wins. Of runs with one signature in
 * one scenario, and of those outside of scenarios, the newest completed one is seen, else the newest. A run without a signature stands for
 * itself. Of headers, the newest of each name is seen.
 */

/** What is seen: each result once; every run; or one execution, by its header's id (the text of a parameter). */
export type Sight = "results" | "history" | {
  /** The parameter that holds the header's id, or the id of a run inside which others ran. */
  readonly inside: string;
};

/**
 * Is this row of `run` a scenario's header? Inside of JSON text a quote is escaped, so that this finds the tag and nothing else.
 * The other library's headers have the scenario's name as their id, and its runs have the header as their parent.
 */
const IS_HEADER = `coalesce(contains(r.tags::varchar, '"scenario_header"'), false)`;

/** Every header, with its scenario's name. Packed into a list and unpacked, so that DuckDB knows that they are few and joins them as the small side. */
const HEADERS = `listed as (
  select unnest(list({
    id: r.id, place: r.rowid, scenario: coalesce(d.scenario_name, r.id), status: r.status, made: epoch_us(r.created_at)
  })) as h
  from run r left join deno_run d on d.run_id = r.id where ${IS_HEADER}
), header as materialized (
  select h.id as id, h.place as place, h.scenario as scenario, h.status as status, h.made as made from listed
)`;

/** A run as it is judged, with the scenario and the header that are given. */
const judged = (scenario: string, header: string): string =>
  `r.id, r.rowid as place, r.parent_run_id, r.model_name, r.year, r.iteration, r.status = 'completed' as completed,
    nullif(nullif(r.signature, ''), 'error') as signature, epoch_us(r.created_at) as made, ${scenario} as scenario, ${header} as header_id`;

/** Runs inside of a step, and those whose header is lost: their parent is no header. */
const STRAY = `stray as materialized (
  select r.id from run r anti join header h on h.id = r.parent_run_id where r.parent_run_id is not null and not ${IS_HEADER}
)`;

/** Only of these runs `deno_run` has to be asked for the scenario and the header, so that the two large tables are not joined. */
const STRAYED = `select ${judged("d.scenario_name", "d.header_id")}
  from stray s join run r on r.id = s.id left join deno_run d on d.run_id = s.id`;

/** Every run that is no header, with the scenario and the header that it belongs to. A step's parent is the header. */
const TOLD = `told as (
  select ${judged("h.scenario", "h.id")} from run r left join header h on h.id = r.parent_run_id
  where not ${IS_HEADER} and (r.parent_run_id is null or h.id is not null)
  union all ${STRAYED}
)`;

/** Signatures are told apart by a number, which is faster: where two have the same one, their runs are compared for nothing. */
const KEY = "case when r.signature is not null then hash(r.signature) end";

/**
 * The layers of each scenario, and which signatures occur more than once. Most scenarios have one layer, the newest completed one (`alone`).
 * A layer whose header is lost, as in a ledger put together from parts, lies at the bottom.
 */
const LAYERS = `ranked as (
  select *, row_number() over (partition by scenario order by made desc, id desc) as depth from header
), deep as (
  select id, scenario, depth from ranked
  qualify depth <= coalesce(min(case when status = 'completed' then depth end) over (partition by scenario), depth)
), lost as materialized (
  select distinct d.scenario_name as scenario from stray s join deno_run d on d.run_id = s.id anti join header h on h.id = d.header_id
), layered as (
  select unnest(list({id: id, scenario: scenario, depth: depth, alone: alone})) as l from (
    select *, count(*) over (partition by scenario) = 1 and scenario not in (select scenario from lost where scenario is not null) as alone from deep
  )
), layer as materialized (
  select l.id as id, l.scenario as scenario, l.depth as depth, l.alone as alone from layered
), twice as materialized (
  select hash(signature) as key from run where signature is not null group by key having count(*) > 1
)`;

/**
 * The runs that have to be compared: those that share a signature, strays, and those of scenarios with several layers. They are found one
 * sort after the other, so that DuckDB does not read the runs for a sort that the ledger has nothing of.
 */
const COMPARED = `repeated as materialized (
  select ${judged("l.scenario", "l.id")} from run r semi join twice w on w.key = ${KEY} left join layer l on l.id = r.parent_run_id
  where not ${IS_HEADER} and (r.parent_run_id is null or l.alone)
), strayed as materialized (
  ${STRAYED}
), heaped as materialized (
  select ${judged("h.scenario", "h.id")} from run r
  join (select h.id, h.scenario from header h anti join layer l on l.id = h.id and l.alone) h on h.id = r.parent_run_id where not ${IS_HEADER}
), placed as (
  select t.*, coalesce(l.depth, 1000000000) as depth from (from heaped union all by name from strayed) t left join layer l on l.id = t.header_id
  where t.scenario is not null and not coalesce(l.alone, false) and (l.id is not null or not exists (select 1 from header h where h.id = t.header_id))
), counted as (
  from repeated
  union all by name
  select t.* from strayed t left join layer l on l.id = t.header_id where t.scenario is null or l.alone
  union all by name
  select * exclude (depth) from placed qualify depth = min(depth) over (partition by scenario, model_name, year, iteration)
), once as materialized (
  ${onceEach("counted")}
)`;

/** The runs that count without being compared. */
const PLAIN = `plain as (
  select r.id, l.scenario from run r anti join twice w on w.key = ${KEY} left join layer l on l.id = r.parent_run_id
  where not ${IS_HEADER} and (r.parent_run_id is null or l.alone)
)`;

/** One run for each signature. */
function onceEach(from: string): string {
  return `select arg_max(id, (completed, made, id)) as id, scenario from ${from} group by scenario, model_name, coalesce(signature, id)`;
}

/** The newest header of each name. */
const SEEN_HEADERS = "select arg_max(id, (made, id)) as id, scenario from header group by scenario";

const RESULTS = [HEADERS, STRAY, LAYERS, COMPARED].join(",\n");

/**
 * A query for the ids of the runs that are not seen, headers among them: mostly far fewer than those that are. It stands in parentheses, so
 * that DuckDB still leaves out the columns that nobody asks for of what it is joined to.
 */
export function unseenInResults(): string {
  return `(with ${RESULTS}\nselect id from header union all ${notChosen("id")})`;
}

/** Of the runs that were compared those that are not seen. */
function notChosen(column: "id" | "place"): string {
  const each = (from: string): string => `select ${column === "id" ? "id" : "id, place"} from ${from}`;
  const compared = `(${["repeated", "strayed", "heaped"].map(each).join(" union all ")})`;
  return `select c.${column} from ${compared} c anti join once o on o.id = c.id`;
}

/** Named queries for `with`, of which `gone (place)` holds the rows of `run`, by DuckDB's number of them, that are not seen. */
export function goneFromResults(): string {
  const old = "select h.place from header h anti join seen_header s on s.id = h.id";
  return `${RESULTS},\nseen_header as (${SEEN_HEADERS}),\ngone as materialized (${old} union all ${notChosen("place")})`;
}

/** Named queries for `with`, of which `seen (id, scenario)` holds the runs, and `seen_header (id, scenario)` the headers that are seen. */
export function sightOf(sight: Sight): string {
  if (sight === "results") {
    return `${RESULTS},\n${PLAIN},\nseen as (from plain union all by name from once),\nseen_header as (${SEEN_HEADERS})`;
  }
  const base = [HEADERS, STRAY, TOLD].join(",\n");
  if (sight === "history") return `${base},\nseen as (select id, scenario from told),\nseen_header as (select id, scenario from header)`;
  const inside = `select * from told where header_id = ${sight.inside} or parent_run_id = ${sight.inside}`;
  return `${base},\nseen as (${onceEach(`(${inside})`)}),\nseen_header as (select id, scenario from header where false)`;
}
