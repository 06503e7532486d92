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
  select unnest(list({id: r.id, scenario: coalesce(d.scenario_name, r.id), status: r.status, made: epoch_us(r.created_at)})) as h
  from run r left join deno_run d on d.run_id = r.id where ${IS_HEADER}
), header as materialized (
  select h.id as id, h.scenario as scenario, h.status as status, h.made as made from listed
)`;

/** A run as it is judged, with the scenario and the header that are given. */
const judged = (scenario: string, header: string): string =>
  `r.id, r.parent_run_id, r.model_name, r.year, r.iteration, r.status = 'completed' as completed,
    nullif(nullif(r.signature, ''), 'error') as signature, epoch_us(r.created_at) as made, ${scenario} as scenario, ${header} as header_id`;

/**
 * Every other run, with the scenario and the header that it belongs to. A step's parent is the header; only of a run inside of a step, or
 * of one whose header is lost, `deno_run` has to be asked, so that the two large tables are not joined.
 */
const TOLD = `stray as materialized (
  select r.id from run r anti join header h on h.id = r.parent_run_id where r.parent_run_id is not null and not ${IS_HEADER}
), told as (
  select ${judged("h.scenario", "h.id")} from run r left join header h on h.id = r.parent_run_id
  where not ${IS_HEADER} and (r.parent_run_id is null or h.id is not null)
  union all
  select ${judged("d.scenario_name", "d.header_id")} from stray s join run r on r.id = s.id left join deno_run d on d.run_id = s.id
)`;

/**
 * The runs that count. Most scenarios have one layer, the newest completed one, and most runs are the only ones of their signature: those
 * count without being compared (`plain`). A layer whose header is lost, as in a ledger put together from parts, lies at the bottom.
 */
const COUNTED = `ranked as (
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
), heaped as materialized (
  select scenario from layer where not alone union select scenario from lost
), twice as materialized (
  select signature from run where signature is not null group by signature having count(*) > 1
), doubtful as materialized (
  select t.* from told t left join layer l on l.id = t.header_id left join twice w on w.signature = t.signature
  where w.signature is not null or (t.scenario is not null and not coalesce(l.alone, false))
), placed as materialized (
  select t.*, coalesce(l.depth, 1000000000) as depth from doubtful t semi join heaped on heaped.scenario = t.scenario
  left join layer l on l.id = t.header_id where l.id is not null or not exists (select 1 from header h where h.id = t.header_id)
), counted as (
  select t.* from doubtful t left join layer l on l.id = t.header_id where t.scenario is null or l.alone
  union all by name
  select * exclude (depth) from placed qualify depth = min(depth) over (partition by scenario, model_name, year, iteration)
), plain as (
  select t.id, t.scenario from told t left join layer l on l.id = t.header_id anti join twice w on w.signature = t.signature
  where t.scenario is null or l.alone
)`;

/** One run for each signature. */
function onceEach(from: string): string {
  return `select arg_max(id, (completed, made, id)) as id, scenario from ${from} group by scenario, model_name, coalesce(signature, id)`;
}

/** Named queries for `with`, of which `unseen (id)` holds the runs that are not seen, headers among them: mostly far fewer than those that are. */
export function unseenInResults(): string {
  return `${sightOf("results")},
unseen as materialized (select id from header union all by name select d.id from doubtful d anti join once o on o.id = d.id)`;
}

/** Named queries for `with`, of which `seen (id, scenario)` holds the runs, and `seen_header (id, scenario)` the headers that are seen. */
export function sightOf(sight: Sight): string {
  const base = `${HEADERS},\n${TOLD}`;
  if (sight === "history") return `${base},\nseen as (select id, scenario from told),\nseen_header as (select id, scenario from header)`;
  if (sight === "results") {
    const headers = "select arg_max(id, (made, id)) as id, scenario from header group by scenario";
    return `${base},\n${COUNTED},\nonce as materialized (${
      onceEach("counted")
    }),\nseen as (from plain union all by name from once),\nseen_header as (${headers})`;
  }
  const inside = `select * from told where header_id = ${sight.inside} or parent_run_id = ${sight.inside}`;
  return `${base},\nseen as (${onceEach(`(${inside})`)}),\nseen_header as (select id, scenario from header where false)`;
}
