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

/** Every header, with its scenario's name. */
const HEADERS = `header as materialized (
  select r.id, coalesce(d.scenario_name, r.id) as scenario, r.status, epoch_us(r.created_at) as made
  from run r left join deno_run d on d.run_id = r.id where ${IS_HEADER}
)`;

/** Every other run, with the scenario and the header that it belongs to. */
const TOLD = `told as (
  select r.id, r.parent_run_id, r.model_name, r.year, r.iteration, r.status = 'completed' as completed,
    nullif(nullif(r.signature, ''), 'error') as signature, epoch_us(r.created_at) as made,
    coalesce(d.scenario_name, h.scenario) as scenario, coalesce(d.header_id, h.id) as header_id
  from run r left join deno_run d on d.run_id = r.id left join header h on h.id = r.parent_run_id where not ${IS_HEADER}
)`;

/** A layer whose header is lost, as in a ledger put together from parts, lies at the bottom. */
const LAYERS = `ranked as (
  select *, row_number() over (partition by scenario order by made desc, id desc) as depth from header
), layer as (
  select id, scenario, depth from ranked
  qualify depth <= coalesce(min(case when status = 'completed' then depth end) over (partition by scenario), depth)
), placed as (
  select t.*, coalesce(l.depth, 1000000000) as depth from told t left join layer l on l.id = t.header_id left join header h on h.id = t.header_id
  where t.scenario is not null and (l.id is not null or h.id is null)
), topmost as (
  select scenario, model_name, year, iteration, min(depth) as depth from placed group by all
), counted as (
  select * exclude (depth) from placed p
  where exists (select 1 from topmost t where t.scenario = p.scenario and t.model_name = p.model_name
    and t.year is not distinct from p.year and t.iteration is not distinct from p.iteration and t.depth = p.depth)
  union all by name select * from told where scenario is null
)`;

/** One run for each signature. */
function onceEach(from: string): string {
  return `select arg_max(id, (completed, made, id)) as id, scenario from ${from} group by scenario, model_name, coalesce(signature, id)`;
}

/** Named queries for `with`, of which `seen (id, scenario)` holds the runs, and `seen_header (id, scenario)` the headers that are seen. */
export function sightOf(sight: Sight): string {
  const base = `${HEADERS},\n${TOLD}`;
  if (sight === "history") return `${base},\nseen as (select id, scenario from told),\nseen_header as (select id, scenario from header)`;
  if (sight === "results") {
    const headers = "select arg_max(id, (made, id)) as id, scenario from header group by scenario";
    return `${base},\n${LAYERS},\nseen as (${onceEach("counted")}),\nseen_header as (${headers})`;
  }
  const inside = `select * from told where header_id = ${sight.inside} or parent_run_id = ${sight.inside}`;
  return `${base},\nseen as (${onceEach(`(${inside})`)}),\nseen_header as (select id, scenario from header where false)`;
}
