// Loads the page again when it has been built anew, and shows what the last build found wrong.
{
  const address = new URL(`/live${location.pathname}`, location.href.replace(/^http/, "ws"));
  address.search = new URLSearchParams({ since: performance.timeOrigin / 1000 });
  const problems = Object.assign(document.createElement("pre"), { role: "alert", id: "live-problems" });
  problems.style.cssText =
    "position: fixed; inset: auto 0 0 0; z-index: 9999; max-height: 50vh; margin: 0; padding: 1rem;" +
    "overflow: auto; white-space: pre-wrap; background: #600; color: #fff";
  new WebSocket(address).onmessage = ({ data }) => {
    const said = JSON.parse(data);
    if (said.reload) location.reload();
    problems.textContent = said.problems.join("\n");
    if (said.problems.length) document.body.append(problems);
    else problems.remove();
  };
}
