{{/* Names and pieces that several templates share. */}}

{{- define "kmzb.labels" -}}
app.kubernetes.io/part-of: kmzb
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/name: {{ .name }}
{{- end }}

{{- define "kmzb.all-labels" -}}
{{ include "kmzb.labels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* What a service is: the values of `service` with its own over them. */}}
{{- define "kmzb.service" -}}
{{ mergeOverwrite (deepCopy .root.Values.service) (index .root.Values.services .name) | toJson }}
{{- end }}

{{/* Ports: where it serves, and a hundred above its metrics. */}}
{{- define "kmzb.port" -}}
{{ index (dict "public-map" 8100 "intake" 8101 "routing" 8102 "casework" 8103 "sla-monitor" 8104 "notifier" 8105) . }}
{{- end }}

{{- define "kmzb.bootstrap" -}}
{{- if .Values.kafka.managed }}{{ .Values.kafka.name }}-kafka-bootstrap:9093{{ else }}{{ required "kafka.bootstrap: the brokers of a cluster that is not managed here" .Values.kafka.bootstrap }}{{ end }}
{{- end }}

{{- define "kmzb.ca-secret" -}}
{{- if .Values.kafka.managed }}{{ .Values.kafka.name }}-cluster-ca-cert{{ else }}{{ required "kafka.caSecret: who signed the brokers' certificates" .Values.kafka.caSecret }}{{ end }}
{{- end }}

{{- define "kmzb.redis-url" -}}
{{- if .Values.redis.managed }}redis://{{ .Release.Name }}-redis:6379/0{{ else }}{{ required "redis.url: where Redis is, if none is managed here" .Values.redis.url }}{{ end }}
{{- end }}

{{- define "kmzb.objects-url" -}}
{{ .Values.objects.url | default "file:///var/lib/kmzb/photos" }}
{{- end }}

{{- define "kmzb.pod-security" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "kmzb.container-security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* What everybody is told who speaks to Kafka; `user` as the brokers know it. */}}
{{- define "kmzb.kafka-env" -}}
- { name: KMZB_KAFKA_BOOTSTRAP, value: {{ include "kmzb.bootstrap" .root | quote }} }
- { name: KMZB_KAFKA_CA, value: /etc/kmzb/authority/ca.crt }
- { name: KMZB_KAFKA_USER, value: {{ printf "%s%s" .root.Values.namespace .user | quote }} }
- name: KMZB_KAFKA_PASSWORD
  valueFrom: { secretKeyRef: { name: {{ printf "%s%s" .root.Values.namespace .user | quote }}, key: password } }
- { name: KMZB_NAMESPACE, value: {{ .root.Values.namespace | quote }} }
{{- end }}

{{- define "kmzb.secret-env" -}}
- name: {{ .env }}
  valueFrom: { secretKeyRef: { name: {{ .secret | quote }}, key: {{ .key | quote }}{{ if .optional }}, optional: true{{ end }} } }
{{- end }}
