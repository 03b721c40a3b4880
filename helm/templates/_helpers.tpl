{{/* The chart's name. */}}
{{- define "holdfast.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of everything; short enough for '-management' to follow. */}}
{{- define "holdfast.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "holdfast.name" . -}}
{{- (contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name)) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "holdfast.managementName" -}}
{{- include "holdfast.fullname" . -}}-management
{{- end -}}

{{- define "holdfast.selectorLabels" -}}
app.kubernetes.io/name: {{ include "holdfast.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "holdfast.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "holdfast.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | replace "+" "_" | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/*
The head of every object. Takes the root context, a name, and optionally labels and annotations of that object alone.
*/}}
{{- define "holdfast.metadata" -}}
{{- $labels := include "holdfast.labels" .root | fromYaml -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- merge (dict) (default (dict) .labels) $labels | toYaml | nindent 2 }}
{{- with merge (dict) (default (dict) .annotations) .root.Values.commonAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "holdfast.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "holdfast.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "holdfast.image" -}}
{{- if .Values.image.digest -}}
{{- .Values.image.repository }}@{{ .Values.image.digest -}}
{{- else -}}
{{- .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag -}}
{{- end -}}
{{- end -}}

{{/*
The listeners, as YAML: those of the values, or one that gives back each line. All ports of the chart come from here. In a pod each
of them needs a port of its own, which the application alone would not ask for.
*/}}
{{- define "holdfast.listeners" -}}
{{- $taken := dict (toString (int .Values.management.port)) "management.port" -}}
{{- $listeners := .Values.listeners | default (dict "echo" (dict "port" 9000 "protocol" "line" "route" (dict "mode" "echo"))) -}}
{{- range $name, $listener := $listeners -}}
{{- $port := toString (int $listener.port) -}}
{{- with get $taken $port -}}
{{- fail (printf "listeners.%s.port is %s, which %s has already; give one of them another port" $name $port .) -}}
{{- end -}}
{{- $_ := set $taken $port (printf "listeners.%s" $name) -}}
{{- end -}}
{{- range $key := list "ports" "nodePorts" -}}
{{- range $name, $port := get $.Values.service $key -}}
{{- if not (hasKey $listeners $name) -}}
{{- fail (printf "service.%s.%s names no listener; known are %s" $key $name (keys $listeners | sortAlpha | join ", ")) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $listeners -}}
{{- end -}}

{{/* The name of a listener's port: its own, where that is one that Kubernetes allows. Takes a list of name and port. */}}
{{- define "holdfast.portName" -}}
{{- $name := first . -}}
{{- if and (le (len $name) 15) (regexMatch "^[a-z0-9]+(-[a-z0-9]+)*$" $name) (ne $name "management") -}}
{{- $name -}}
{{- else -}}
tcp-{{ last . | int }}
{{- end -}}
{{- end -}}

{{/* A duration of the settings in whole seconds, rounded up. */}}
{{- define "holdfast.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | int64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- if eq $unit "ms" -}}
{{- div (add $number 999) 1000 -}}
{{- else -}}
{{- mul $number (get (dict "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) -}}
{{- end -}}
{{- end -}}

{{/*
How long a pod may take to leave: the drain in full, and what the JVM needs besides. The defaults are the application's own.
*/}}
{{- define "holdfast.gracePeriodSeconds" -}}
{{- $margin := 10 -}}
{{- $wait := include "holdfast.seconds" (.Values.drain.wait | default "5s") | int64 -}}
{{- $timeout := include "holdfast.seconds" (.Values.drain.timeout | default "60s") | int64 -}}
{{- add $wait $timeout $margin -}}
{{- end -}}

{{/* A quantity of memory in bytes. */}}
{{- define "holdfast.bytes" -}}
{{- $quantity := toString . -}}
{{- $number := regexFind "^[0-9.]+" $quantity | float64 -}}
{{- $unit := trimPrefix (regexFind "^[0-9.]+" $quantity) $quantity -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- if not (hasKey $units $unit) -}}
{{- fail (printf "resources.limits.memory is %s; give a number and a unit, such as 512Mi or 2Gi" $quantity) -}}
{{- end -}}
{{- mulf $number (get $units $unit) | int64 -}}
{{- end -}}

{{/*
What the JVM is told: shares of the memory limit, and for how many processors to plan. It sees a limit on the CPU by itself; without
one it would plan for all of the node's.
*/}}
{{- define "holdfast.javaOptions" -}}
{{- $options := list "-XX:+ExitOnOutOfMemoryError" -}}
{{- $limits := .Values.resources.limits | default dict -}}
{{- with $limits.memory -}}
{{- $direct := div (mul (include "holdfast.bytes" . | int64) (int64 $.Values.jvm.directPercent)) 100 -}}
{{- $options = append $options (printf "-XX:MaxRAMPercentage=%d" (int $.Values.jvm.heapPercent)) -}}
{{- $options = append $options (printf "-XX:MaxDirectMemorySize=%d" $direct) -}}
{{- end -}}
{{- $requests := .Values.resources.requests | default dict -}}
{{- if .Values.jvm.processors -}}
{{- $options = append $options (printf "-XX:ActiveProcessorCount=%d" (int .Values.jvm.processors)) -}}
{{- else if and $requests.cpu (not $limits.cpu) -}}
{{- $cpu := toString $requests.cpu -}}
{{- $cores := hasSuffix "m" $cpu | ternary (divf (trimSuffix "m" $cpu | float64) 1000) (trimSuffix "m" $cpu | float64) -}}
{{- $options = append $options (printf "-XX:ActiveProcessorCount=%d" (max 2 (ceil $cores | int))) -}}
{{- end -}}
{{- with .Values.jvm.options -}}
{{- $options = append $options . -}}
{{- end -}}
{{- join " " $options -}}
{{- end -}}

{{/* The Secret that holds a certificate. Takes the root context and the name of the bundle. */}}
{{- define "holdfast.tlsSecretName" -}}
{{- $bundle := get .root.Values.tls .name -}}
{{- if $bundle.certificate -}}
{{- default (printf "%s-%s-tls" (include "holdfast.fullname" .root) .name) $bundle.secretName -}}
{{- else -}}
{{- required (printf "tls.%s needs a secretName, or a certificate for cert-manager to issue" .name) $bundle.secretName -}}
{{- end -}}
{{- end -}}

{{/* application.yml: what the values say in the application's own words, with config laid over it. */}}
{{- define "holdfast.application" -}}
{{- range $key, $ignored := .Values.config -}}
{{- if or (eq $key "gateway") (hasPrefix "gateway." $key) -}}
{{- fail (printf "config.%s is not read; put listeners, upstreams, protocols, workers, limits, eventLoops, transport and drain beside config" $key) -}}
{{- end -}}
{{- end -}}
{{- if or (hasKey .Values.config "server.port") (hasKey (get .Values.config "server" | default dict) "port") -}}
{{- fail "config.server.port is not read; give management.port, from which the probes and the Service follow" -}}
{{- end -}}
{{- $gateway := dict "listeners" (include "holdfast.listeners" . | fromYaml) -}}
{{- range $key := list "upstreams" "protocols" "workers" "limits" "transport" "drain" -}}
{{- with get $.Values $key -}}
{{- $_ := set $gateway $key . -}}
{{- end -}}
{{- end -}}
{{- with .Values.eventLoops -}}
{{- $_ := set $gateway "event-loops" (int .) -}}
{{- end -}}
{{- $service := include "holdfast.managementName" . -}}
{{- $inNamespace := printf "%s.%s" $service .Release.Namespace -}}
{{- $hosts := list $service $inNamespace (printf "%s.svc" $inNamespace) (printf "%s.svc.cluster.local" $inNamespace) -}}
{{- $_ := set $gateway "management" (dict "allowed-hosts" (concat $hosts (get .Values.management "allowed-hosts" | default list))) -}}
{{- $spring := dict -}}
{{- $bundles := dict -}}
{{- range $name, $bundle := .Values.tls -}}
{{- $folder := printf "file:/opt/holdfast/tls/%s" $name -}}
{{- $pem := dict "reload-on-update" true "keystore" (dict "certificate" (printf "%s/tls.crt" $folder) "private-key" (printf "%s/tls.key" $folder)) -}}
{{- with $bundle.trust -}}
{{- $_ := set $pem "truststore" (dict "certificate" (printf "%s/%s" $folder .)) -}}
{{- end -}}
{{- $_ := set $bundles $name $pem -}}
{{- end -}}
{{- if $bundles -}}
{{- $_ := set $spring "ssl" (dict "bundle" (dict "pem" $bundles)) -}}
{{- end -}}
{{- with .Values.secretSettings -}}
{{- $imports := list -}}
{{- range . -}}
{{- $imports = append $imports (printf "configtree:/opt/holdfast/secrets/%s/" .) -}}
{{- end -}}
{{- $_ := set $spring "config" (dict "import" $imports) -}}
{{- end -}}
{{- $application := dict "gateway" $gateway "server" (dict "port" (int .Values.management.port)) -}}
{{- if $spring -}}
{{- $_ := set $application "spring" $spring -}}
{{- end -}}
{{- mustMergeOverwrite (deepCopy $application) (deepCopy .Values.config) | toYaml -}}
{{- end -}}

{{/* Which series of Prometheus are this release's. */}}
{{- define "holdfast.series" -}}
namespace="{{ .Release.Namespace }}",service="{{ include "holdfast.managementName" . }}"
{{- end -}}
