// The title of the browser's tab: what is looked at, and before it how much waits for a person.
let page: string | undefined;
let waiting = 0;

function show(): void {
  const name = page === undefined || page === "" ? "Tenure" : `${page} · Tenure`;
  document.title = waiting > 0 ? `(${waiting}) ${name}` : name;
}

export const tabTitle = {
  page(title: string | undefined): void {
    page = title;
    show();
  },
  waiting(count: number): void {
    waiting = count;
    show();
  },
};
