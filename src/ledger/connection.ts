/** A connection that is borrowed for one piece of work: statements run one after the other. */
import type * as duck from "@duckdb/node-api";
import { bindAll, rowsOf, type SqlValue } from "./values.ts";

/** DuckDB's own connection. */
export type DuckDBConnection = duck.DuckDBConnection;

/** How the columns of this ledger were made: Python's older libraries made others than ours. */
export interface Born {
  /** Type of the time columns. `TIMESTAMP` holds the local time of the process that wrote it. */
  readonly timestamps: "TIMESTAMP" | "TIMESTAMPTZ";
  /** Type of `value_num`. `FLOAT` holds seven digits: exact values are in the facet's JSON. */
  readonly valueNum: "FLOAT" | "DOUBLE";
}

/** A connection borrowed for one piece of work. */
export interface Db {
  /** Runs one statement and gives its rows: whole numbers that fit as numbers, times as `Date`, JSON as text. */
  all<Row>(sql: string, params?: readonly SqlValue[]): Promise<Row[]>;
  /** Runs one statement with parameters, or any number of them without. */
  run(sql: string, params?: readonly SqlValue[]): Promise<void>;
  /** DuckDB's own connection, for streams and `COPY`. It is borrowed too: do not keep it. */
  readonly raw: DuckDBConnection;
  /** How the columns of this ledger were made. */
  readonly born: Born;
}

/**
 * A DuckDB connection on which one statement runs at a time. Each is planned anew: DuckDB plans with the values that the tables have at that
 * moment, and a plan that was kept while rows were added answers wrongly (a filter is folded to "never", an order to garbage).
 */
export class LedgerConnection implements Db {
  readonly born: Born;
  readonly #raw: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();
  #front: string[] = [];
  #isAsking = false;
  #wasLent = false;
  #running = 0;
  #hasFailed = false;

  constructor(raw: DuckDBConnection, born: Born) {
    this.#raw = raw;
    this.born = born;
  }

  get raw(): DuckDBConnection {
    if (this.#front.length > 0) throw new Error("DuckDB's own connection would go before statements that wait for the next one.");
    this.#wasLent = true;
    return this.#raw;
  }

  /** Was DuckDB's own connection handed out? It may then be in a transaction, or have settings of its own. */
  get wasLent(): boolean {
    return this.#wasLent;
  }

  /** Is it as it was at first: nothing is going on, nothing has failed, and nobody else has had it? */
  get isAsNew(): boolean {
    return !this.#wasLent && !this.#hasFailed && this.#running === 0 && this.#front.length === 0;
  }

  all<Row>(sql: string, params: readonly SqlValue[] = []): Promise<Row[]> {
    return this.#inTurn(async () => {
      if (!this.#isAsking) await this.#sendFront();
      return rowsOf<Row>(await this.#execute(sql, params));
    });
  }

  run(sql: string, params?: readonly SqlValue[]): Promise<void> {
    return this.#inTurn(async () => {
      this.#isAsking = false;
      if (params !== undefined && params.length > 0) await this.#sendFront();
      await this.#execute([...this.#front.splice(0), sql].join(";\n"), params ?? []);
    });
  }

  /** A transaction begins with the first statement that changes something: what is asked before needs none. */
  begin(): void {
    this.#front = ["BEGIN"];
    this.#isAsking = true;
  }

  /** Sends statements together with the next one, in front of it: one way to DuckDB and back less. Where they fail, that one fails. */
  front(sql: string): void {
    this.#front.push(sql);
    this.#isAsking = false;
  }

  /** Forgets what waits for the next statement. */
  forgetFront(): void {
    this.#front = [];
  }

  /** Waits for what still runs: nobody else does where another question failed, and DuckDB's binding crashes where its connection ends before. */
  async settled(): Promise<void> {
    while (this.#running > 0) await this.#last;
  }

  /** Ends the connection. */
  close(): void {
    this.#raw.disconnectSync();
  }

  /** Ends the use of DuckDB's own connection, which its host reuses or closes. */
  end(): DuckDBConnection {
    return this.#raw;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#running++;
    const turn = this.#last.then(work, work);
    this.#last = turn.then(() => this.#ended(), () => this.#ended(true)); // the caller gets the error from `turn`; the next in line only waits
    return turn;
  }

  #ended(hasFailed = false): void {
    this.#running--;
    this.#hasFailed ||= hasFailed;
  }

  /** By itself: of several statements in one text DuckDB gives the rows of the first. */
  async #sendFront(): Promise<void> {
    const front = this.#front.splice(0);
    if (front.length > 0) await this.#raw.run(front.join(";\n"));
  }

  /** Without parameters it is one way to DuckDB and back instead of three. A statement that is not given back would keep the file open. */
  async #execute(sql: string, params: readonly SqlValue[]) {
    if (params.length === 0) return await this.#raw.run(sql);
    const statement = await this.#raw.prepare(sql);
    try {
      bindAll(statement, params);
      return await statement.run();
    } finally {
      statement.destroySync();
    }
  }
}
