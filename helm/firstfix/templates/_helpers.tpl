{{- define "firstfix.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}
{{- define "firstfix.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "firstfix.name" -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 48 | trimSuffix "-" }}
{{- end }}
{{- define "firstfix.secret" -}}
{{ .Values.existingSecret | default (include "firstfix.name" .) }}
{{- end }}

{{/* What cannot work is refused here, with the value to set. */}}
{{- define "firstfix.check" -}}
{{- if not (has .Values.mode (list "embedded" "distributed")) }}{{ fail (printf "mode is %q: embedded or distributed" .Values.mode) }}{{ end }}
{{- if and (not .Values.existingSecret) (not .Values.ingestKeys) }}{{ fail "set ingestKeys (or existingSecret with FIRSTFIX_INGEST_KEYS): without a key Firstfix listens to its own machine only" }}{{ end }}
{{- if eq .Values.mode "distributed" }}
{{- if not .Values.kafka.brokers }}{{ fail "mode distributed needs kafka.brokers" }}{{ end }}
{{- if and (not .Values.existingSecret) (not .Values.clickhouse.url) }}{{ fail "mode distributed needs clickhouse.url (or existingSecret with FIRSTFIX_STORE_URL)" }}{{ end }}
{{- end }}
{{- end }}

{{/* Container of every pod: call with dict "root" . "role" ROLE (empty: all). */}}
{{- define "firstfix.container" -}}
{{- $root := .root -}}
{{- $sandbox := or (eq .role "") (eq .role "fixer") -}}
name: firstfix
image: "{{ $root.Values.image.repository }}:{{ $root.Values.image.tag | default $root.Chart.AppVersion }}"
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args: ["up", "--config", "/etc/firstfix/firstfix.yaml"{{ if .role }}, "--role", {{ .role | quote }}{{ end }}]
envFrom:
  - secretRef:
      name: {{ include "firstfix.secret" $root }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
  seccompProfile:
    type: {{ ternary $root.Values.fixer.seccompProfile "RuntimeDefault" $sandbox }}
ports:
  {{- if has .role (list "" "ingest") }}
  - { name: otlp-http, containerPort: 4318 }
  - { name: otlp-grpc, containerPort: 4317 }
  {{- end }}
  {{- if has .role (list "" "console") }}
  - { name: console, containerPort: 4300 }
  {{- end }}
  - { name: admin, containerPort: 4301 }
# Waiting for a broker is not being dead: only a process that answers nothing is started again.
livenessProbe:
  httpGet: { path: /healthz, port: admin }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: { path: /readyz, port: admin }
  periodSeconds: 5
  timeoutSeconds: 5
{{- if has .role (list "" "ingest") }}
# The Service takes a moment to send nobody here any more.
lifecycle:
  preStop:
    exec:
      command: ["sleep", "5"]
{{- end }}
resources: {{- toYaml (ternary $root.Values.resources (get $root.Values (.role | default "ingest")).resources (eq .role "")) | nindent 2 }}
volumeMounts:
  - { name: config, mountPath: /etc/firstfix, readOnly: true }
  - { name: tmp, mountPath: /tmp }
  - { name: data, mountPath: /data }
  {{- if and $root.Values.repositories.existingClaim (has .role (list "" "correlator" "fixer")) }}
  - { name: repositories, mountPath: /repositories }
  {{- end }}
{{- end }}

{{/* Pod without its data volume: call as firstfix.container. */}}
{{- define "firstfix.pod" -}}
{{- $root := .root -}}
automountServiceAccountToken: false
# Kubernetes would set FIRSTFIX_CONSOLE_PORT=tcp://… for the service of that name, which is a key of ours.
enableServiceLinks: false
terminationGracePeriodSeconds: 60
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  fsGroup: 10001
containers:
  - {{- include "firstfix.container" . | nindent 4 }}
volumes:
  - name: config
    configMap:
      name: {{ include "firstfix.name" $root }}
  - name: tmp
    emptyDir: {}
  {{- if .role }}
  - name: data
    emptyDir: {{ if eq .role "fixer" }}{ sizeLimit: {{ $root.Values.fixer.work.size }} }{{ else }}{}{{ end }}
  {{- end }}
  {{- if and $root.Values.repositories.existingClaim (has .role (list "" "correlator" "fixer")) }}
  - name: repositories
    persistentVolumeClaim:
      claimName: {{ $root.Values.repositories.existingClaim }}
  {{- end }}
{{- end }}

{{/* A changed configuration is a new pod. */}}
{{- define "firstfix.annotations" -}}
checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") . | sha256sum }}
checksum/secret: {{ include (print $.Template.BasePath "/secret.yaml") . | sha256sum }}
prometheus.io/scrape: "true"
prometheus.io/port: "4301"
{{- end }}
