import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/shell/app";
import { startTheme } from "@/shell/theme";
import "./style.css";

startTheme();
const place = document.getElementById("root");
if (place === null) throw new Error("the page has no root");
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
