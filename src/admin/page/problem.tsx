// What is shown where there is nothing to show: why.
import type { Refused } from "../endpoint.ts";
import { Layout } from "./layout.tsx";
import { Text } from "./text.tsx";
import { say, type Viewer } from "./viewer.ts";

interface Given {
  viewer: Viewer;
  problem: Refused["problem"];
}

export function ProblemPage({ viewer, problem }: Given) {
  const words = say(viewer).problem;
  const { status } = problem;
  const title = status === 404 || status === 400 || status === 409 ? words[status] : words.other;
  return (
    <Layout viewer={viewer} title={title}>
      <ProblemNotice problem={problem} />
      <p>
        <a class="button" href="/admin">
          {words.home}
        </a>
      </p>
    </Layout>
  );
}

export function ProblemNotice({ problem }: Pick<Given, "problem">) {
  return (
    <div class="notice bad" role="alert">
      <p>
        <Text text={problem.detail} most={1_000} />
      </p>
      {problem.errors !== undefined && (
        <ul>
          {problem.errors.map(({ path, message }) => (
            <li>
              <Text text={`${path} ${message}`} most={400} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
