/** The command line, one file for each command. */
export { main } from "./main.ts";
