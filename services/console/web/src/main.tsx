import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { Router } from "./router.tsx";
import "./styles/base.css";
import "./styles/frame.css";
import "./styles/incident.css";
import "./styles/figures.css";
import "./styles/report.css";
import "./styles/changes.css";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Router>
        <App />
      </Router>
    </StrictMode>,
  );
}
