/** A port number or name, a count or a percentage: `80`, `"http"`, `"25%"`. */
export type IntOrString = number | string;
